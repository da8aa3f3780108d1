//! A streamed answer: bytes → events → an answer.

use std::hint::black_box;

use bench::openrouter::StreamFold;
use bench::openrouter::sse::Decoder;
use criterion::{BatchSize, Criterion, Throughput};

/// Chunks with text in one answer.
const TOKENS: usize = 50;

/// What OpenRouter sends for an answer of fifty tokens: keep-alives, a chunk a token, the finish reason, the usage.
fn events() -> Vec<String> {
    let chunk = |delta: &str, finish: &str, usage: &str| {
        format!(
            "data: {{\"id\":\"gen-1732190400-Qk8sV2mXc1LwT0aZ\",\"object\":\"chat.completion.chunk\",\
             \"created\":1732190400,\"model\":\"openai/gpt-4o-mini\",\"provider\":\"OpenAI\",\"choices\":[{{\"index\":0,\
             \"delta\":{{\"role\":\"assistant\",\"content\":\"{delta}\"}},\"finish_reason\":{finish},\
             \"native_finish_reason\":{finish},\"logprobs\":null}}]{usage}}}\n\n"
        )
    };
    let usage = ",\"usage\":{\"prompt_tokens\":312,\"completion_tokens\":50,\"total_tokens\":362,\"cost\":0.0000768,\
                 \"prompt_tokens_details\":{\"cached_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0}}";
    let words = [" The", " ticket", " is", " about", " a", " refund", ",", " so", " \\\"", "billing", "\\\"", "."];
    let mut events = vec![": OPENROUTER PROCESSING\n\n".to_owned(); 3];
    events.extend(words.iter().cycle().take(TOKENS).map(|word| chunk(word, "null", "")));
    events.push(chunk("", "\"stop\"", ""));
    events.push(chunk("", "null", usage));
    events.push("data: [DONE]\n\n".to_owned());
    events
}

/// Decoding alone and with folding. A server that flushes every token sends an event a packet; one behind a proxy sends
/// packets that end anywhere.
pub(crate) fn decoding(criterion: &mut Criterion) {
    let events = events();
    let whole = events.concat();
    let packets: Vec<&[u8]> = events.iter().map(String::as_bytes).collect();
    let cut: Vec<&[u8]> = whole.as_bytes().chunks(1000).collect();

    let mut group = criterion.benchmark_group("stream of 50 chunks");
    group.throughput(Throughput::Elements(TOKENS as u64));
    for (name, packets) in [("an event a packet", &packets), ("cut every 1,000 bytes", &cut)] {
        group.bench_function(format!("decode, {name}"), |bencher| {
            bencher.iter(|| {
                let (mut decoder, mut length) = (Decoder::default(), 0);
                for packet in packets {
                    let taken = decoder.push(black_box(packet), |event| length += event.data().len());
                    taken.expect("no line is long");
                }
                length
            });
        });
        group.bench_function(format!("decode and fold, {name}"), |bencher| {
            bencher.iter_batched(
                StreamFold::default,
                |mut fold| {
                    for packet in packets {
                        fold.push(black_box(packet)).expect("every event is JSON");
                    }
                    fold.finish()
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();

    // A benchmark of a stream that is not understood would measure nothing.
    let mut fold = StreamFold::default();
    fold.push(whole.as_bytes()).expect("every event is JSON");
    let answer = fold.finish();
    assert!(answer.error.is_none() && answer.usage.is_some() && answer.text.starts_with(" The ticket"), "{answer:?}");
}
