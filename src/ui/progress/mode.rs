//! Which progress display is shown.

use clap::ValueEnum;

/// What `--progress` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Mode {
    /// Bars on a terminal, plain lines elsewhere and in CI.
    #[default]
    Auto,
    /// A bar per model, drawn anew as the run goes on.
    Bars,
    /// A line every few seconds and at milestones, fit for a log.
    Plain,
    /// One JSON object per event and line, for tools.
    Json,
    /// Nothing.
    None,
}

impl Mode {
    /// What is really shown. `terminal`: standard error is one; `plain_only`: it cannot or should not be drawn on
    /// (`CI`, `TERM=dumb`); `quiet`: nothing but errors is wanted.
    #[must_use]
    pub const fn resolve(self, terminal: bool, plain_only: bool, quiet: bool) -> Self {
        match self {
            // Tools that asked for events get them, quiet or not.
            Self::Json => Self::Json,
            _ if quiet => Self::None,
            Self::Auto if terminal && !plain_only => Self::Bars,
            Self::Bars if terminal => Self::Bars,
            // Bars in a file would be nothing but escape sequences.
            Self::Auto | Self::Bars | Self::Plain => Self::Plain,
            Self::None => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_need_a_terminal() {
        assert_eq!(Mode::Auto.resolve(true, false, false), Mode::Bars);
        assert_eq!(Mode::Auto.resolve(true, true, false), Mode::Plain);
        assert_eq!(Mode::Auto.resolve(false, false, false), Mode::Plain);
        assert_eq!(Mode::Bars.resolve(true, true, false), Mode::Bars);
        assert_eq!(Mode::Bars.resolve(false, false, false), Mode::Plain);
        assert_eq!(Mode::Plain.resolve(true, false, true), Mode::None);
        assert_eq!(Mode::Json.resolve(true, false, true), Mode::Json);
    }
}
