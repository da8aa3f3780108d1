//! An OpenRouter on loopback: simulated models with distinct accuracy, speed, price and faults, seeded and repeatable.
//! Shares no type with `openrouter`, so that each checks the other.
