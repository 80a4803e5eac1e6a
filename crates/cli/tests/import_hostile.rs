//! What `corsgate import` makes of hostile files and texts.

use crate::import::{express, imported, imported_as, of_class};

/// Texts of a source are somebody else's: in comments and reports they end no line and turn none, and no secret is
/// repeated.
#[test]
fn hostile_texts_stay_texts_and_secrets_stay_where_they_are() {
    let script = express(
        "{ origin: ['https://a.example\\n[[routes]]\\nname = \"evil\"', 'https://\\u202ea.example', 'https://user:hunter2@b.example', \
         'https://c.example/?token=hunter2', 'hunter2', 'https://d.example/hunter2'], allowedHeaders: ['x-a\\n', 'Bearer hunter2'], \
         exposedHeaders: ['hunter2 hunter2'], methods: ['hunter2 '.repeat(2), 'HUNTER 2'], 'hunter2 x': 1, maxAge: 'hunter2' }",
    );
    let script = format!("const key = 'hunter2';\n{script}");
    let (policy, report, code) = imported(&script);
    assert_eq!(code, 10);
    for text in [&policy, &report.to_string()] {
        assert!(!text.contains("hunter2") && !text.to_lowercase().contains("hunter 2"), "{text}");
        assert!(!text.contains('\u{202e}') && !text.contains("\nname = \"evil\""), "{text}");
    }
    // A file name is a text of others, too.
    #[cfg(unix)]
    {
        let (policy, _, _) =
            imported_as("a\nname = \"evil\".js", express("{ origin: 'https://a.example' }"), &[]);
        assert!(policy.contains("https://a.example") && !policy.contains("\nname = \"evil\""), "{policy}");
    }
}

#[test]
fn bad_files_are_holes_and_end_no_program() {
    let brackets = "[".repeat(100_000);
    let parentheses = format!("app.use(cors({}", "(".repeat(100_000));
    let nested = format!("app.use(cors({}1{}))", "{origin:".repeat(50_000), "}".repeat(50_000));
    let names: String = (0..5000).map(|number| format!("const a{number} = a{};\n", number + 1)).collect();
    let doubled: String =
        (0..40).map(|number| format!("const a{number} = [...a{0}, ...a{0}];\n", number + 1)).collect();
    let circle =
        "const cors = require('cors');\nconst a = b;\nconst b = a;\napp.use(cors({ origin: a }));".to_owned();
    for (name, text) in [
        ("server.js", brackets),
        ("server.js", parentheses),
        ("server.js", nested),
        ("server.js", format!("{names}app.use(cors({{ origin: a0 }}))")),
        (
            "server.js",
            format!("const a40 = ['https://a.example'];\n{doubled}app.use(cors({{ origin: a0 }}))"),
        ),
        ("server.js", circle),
        ("server.js", "app.use(cors({ origin: 'https://a.example', methods: [".to_owned()),
        ("server.js", "<div>{cors({ origin: '*' })}</div>".to_owned()),
        ("server.js", "from flask_cors import CORS\nCORS(app, origins='*')\n".to_owned()),
        ("server.js", "server {\n  add_header Access-Control-Allow-Origin *;\n}\n".to_owned()),
        ("server.js", "app.use(cors({{ .Values.cors }}))".to_owned()),
        ("server.js", String::new()),
        (
            "rules.json",
            "[{\"allowedOrigins\": [\"https://a.example\"], \"allowedMethods\": [\"GET\"".to_owned(),
        ),
        ("rules.json", "{}".to_owned()),
        ("rules.json", format!("{}{}", "[{\"a\":".repeat(40_000), "1")),
        ("server.js", "\0".to_owned()),
    ] {
        let start: String = text.chars().take(60).collect();
        let (policy, report, code) = imported_as(name, &text, &[]);
        assert_eq!(code, 10, "{start}");
        assert!(!of_class(&report, "not readable").is_empty(), "{start}: {report:#}");
        assert!(
            !policy.contains("\n  \"https://a.example\"") && !policy.contains("\n  \"*\""),
            "{start}: {policy}"
        );
    }
}

#[test]
fn a_file_of_50_megabytes_is_named_and_not_read() {
    let (policy, report, code) = imported_as("server.js", vec![b'/'; 50_000_000], &[]);
    assert_eq!((policy.as_str(), code), ("", 10));
    assert!(of_class(&report, "not readable").contains("longer than 16 MiB"), "{report:#}");
}
