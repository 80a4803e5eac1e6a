//! Codes that findings no longer use.

use crate::lint::Code;

/// A code that findings once had. It is never reused, so that people who meet it in an old log or a suppression can
/// look it up.
#[derive(Debug)]
pub struct Retired {
    /// The code that such findings had.
    pub code: Code,
    /// Their subject, in a few words.
    pub title: &'static str,
    /// The first version without such findings.
    pub since: &'static str,
    /// What they reported and what replaced them, in Markdown.
    pub explanation: &'static str,
}

/// Every retired code, in order.
pub fn retired() -> impl Iterator<Item = &'static Retired> {
    RETIRED.iter()
}

static RETIRED: [Retired; 2] = [
    Retired {
        code: Code::of(7),
        title: "not available in this version",
        since: "0.1.0",
        explanation: r#"This was the error for `mode = "report"` while the gateway could not record what it would have rejected. Now it can, so the mode is accepted. CG304 lists the routes that use it."#,
    },
    Retired {
        code: Code::of(208),
        title: "limits that are not enforced yet",
        since: "0.1.0",
        explanation: r#"This was the warning for every route with limits while the gateway did not count requests. Now it counts, and limits are enforced."#,
    },
];
