//! What `corsgate import` makes of hostile files of Python: a named finding each, and nothing wider.

use std::fs;

use crate::import::{corsgate, imported_as, of_class, ran};

const LISTED: &str = "CORS_ALLOWED_ORIGINS = [\"https://a.example\"]\n";

fn flask(options: &str) -> String {
    format!("from flask_cors import CORS\nCORS(app, {options})\n")
}

fn starlette(options: &str) -> String {
    format!(
        "from starlette.middleware.cors import CORSMiddleware\napp.add_middleware(CORSMiddleware, {options})\n"
    )
}

/// A program without the end of its last call.
fn half(program: &str) -> String {
    program.trim_end_matches(")\n").to_owned()
}

/// Whether the policy lists an origin outside of its comments.
fn lists(policy: &str, origin: &str) -> bool {
    policy.lines().any(|line| line.trim_start().starts_with(&format!("\"{origin}\"")))
}

#[test]
fn what_only_running_python_would_tell_is_a_hole_and_never_wider() {
    let of_a_class =
        "class A(Base):\n    CORS_ALLOW_ALL_ORIGINS, X = True, 1\n    CORS_ALLOWED_ORIGINS = []\n";
    for (sentence, program, hole) in [
        ("half a file", half(&flask("origins=[\"https://a.example\", ")), "is not Python"),
        ("half a text", half(&flask("origins=[\"https://a.exam")), "is not Python"),
        (
            "half a setting",
            "CORS_ALLOWED_ORIGINS = [\n  \"https://a.example\",\n".to_owned(),
            "is not Python",
        ),
        (
            "a template as a value",
            "CORS_ALLOWED_ORIGINS = {{ origins }}\n".to_owned(),
            "the origins come from a",
        ),
        (
            "a template in a text",
            "CORS_ALLOWED_ORIGINS = [\"https://{{ host }}\"]\n".to_owned(),
            "a template",
        ),
        ("a template around it", format!("{{% if cors %}}\n{LISTED}{{% endif %}}\n"), "a template"),
        (
            "an f-string",
            format!("{LISTED}\nCORS_ALLOWED_ORIGINS = [f\"https://{{host()}}\"]\n"),
            "more than one line",
        ),
        (
            "an f-string with a format",
            "H = \"https://a.example\"\nCORS_ALLOWED_ORIGINS = [f\"{H=}\", f\"{H!r}\", f\"{H:>20}\"]\n"
                .to_owned(),
            "a template",
        ),
        ("arguments in a list", flask("*options"), "arguments in a list"),
        (
            "arguments in a dictionary",
            flask("origins=[\"https://a.example\"], **options"),
            "the variable `options`",
        ),
        (
            "arguments of a middleware",
            starlette("allow_origins=[\"https://a.example\"], **options"),
            "the variable `options`",
        ),
        ("elements of another list", "CORS_ALLOWED_ORIGINS = [*more]\n".to_owned(), "the variable `more`"),
        (
            "two settings of one name",
            format!("{LISTED}CORS_ALLOWED_ORIGINS = [\"https://b.example\"]\n"),
            "more than one line",
        ),
        (
            "two rules for one path",
            flask("origins=[\"https://a.example\"]") + "CORS(app, origins=[\"https://b.example\"])\n",
            "another rule is for this path",
        ),
        ("a file that is run", format!("{LISTED}exec(open(\"local.py\").read())\n"), "more than one line"),
        (
            "a name that is bound in another way",
            format!("{LISTED}globals()[\"CORS_ALLOWED_ORIGINS\"] = []\n"),
            "more than one line",
        ),
        (
            "two names of one list",
            "A = CORS_ALLOWED_ORIGINS = [\"https://a.example\"]\nA.remove(\"https://a.example\")\n"
                .to_owned(),
            "more than one line",
        ),
        ("an import", format!("from base import CORS_URLS_REGEX\n{LISTED}"), "a policy cannot say the path"),
        (
            "several names at once",
            format!("CORS_URLS_REGEX, A = r\"^/api/\", 1\n{LISTED}"),
            "a policy cannot say the path",
        ),
        (
            "a name in a condition",
            format!("if (CORS_URLS_REGEX := r\"^/api/\"):\n    pass\n{LISTED}"),
            "a policy cannot say the path",
        ),
        ("several attributes at once", of_a_class.to_owned(), "the class `Base`"),
    ] {
        let (policy, report, code) = imported_as("settings.py", &program, &[]);
        assert_eq!(code, 10, "{sentence}: {report:#}");
        assert!(of_class(&report, "not readable").contains(hole), "{sentence}: {report:#}");
        let is_proposed = hole.contains("the path");
        assert!(is_proposed || !lists(&policy, "https://a.example"), "{sentence}: {policy}");
        assert!(!lists(&policy, "*") || is_proposed, "{sentence}: {policy}");
        let routes = policy.lines().filter(|it| *it == "[[routes]]").count();
        assert!(!is_proposed || routes == 1 && policy.contains("cors = false"), "{sentence}: {policy}");
    }
}

#[test]
fn what_would_open_a_program_in_python_is_left_out_and_named() {
    for (program, reason) in [
        (flask("origins=\"*\", supports_credentials=True"), "with credentials"),
        (flask("supports_credentials=True"), "with credentials"),
        ("CORS_ALLOW_ALL_ORIGINS = True\nCORS_ALLOW_CREDENTIALS = True\n".to_owned(), "with credentials"),
        (starlette("allow_origins=[\"*\"], allow_credentials=True"), "with credentials"),
        (flask("origins=[\"null\"]"), "`null`"),
        ("CORS_ALLOWED_ORIGINS = [\"null\"]\n".to_owned(), "`null`"),
        (starlette("allow_origins=[\"null\"]"), "`null`"),
    ] {
        let (policy, report, code) = imported_as("app.py", &program, &[]);
        assert_eq!(code, 10, "{program}");
        assert!(of_class(&report, "would be unsafe").contains(reason), "{program}: {report:#}");
        assert!(policy.contains("cors = false") && !lists(&policy, "*"), "{program}: {policy}");
    }
}

#[test]
fn python_2_is_named() {
    let program = flask("origins=[\"https://a.example\"]");
    for line in ["print \"it starts\"\n", "print >>log, \"it starts\"\n"] {
        let (policy, report, code) = imported_as("app.py", format!("{line}{program}"), &[]);
        assert_eq!(code, 10, "{line}");
        assert!(of_class(&report, "not readable").contains("app.py:1 file: this is Python 2"), "{report:#}");
        assert!(lists(&policy, "https://a.example"), "{policy}");
    }
    let (_, report, _) = imported_as("app.py", format!("print(\"it starts\")\n{program}"), &[]);
    assert!(!of_class(&report, "not readable").contains("Python 2"), "{report:#}");
}

#[test]
fn the_setting_that_has_no_effect_is_named() {
    let program = format!("{LISTED}CORS_ORIGIN_WHITELIST = [\"https://b.example\"]\n");
    let (policy, report, code) = imported_as("settings.py", &program, &[]);
    assert_eq!(code, 0, "{report:#}");
    assert!(of_class(&report, "same").contains("`CORS_ORIGIN_WHITELIST` has no effect"), "{report:#}");
    assert!(lists(&policy, "https://a.example") && !policy.contains("https://b.example"), "{policy}");
}

#[test]
fn two_files_that_contradict_each_other_allow_what_both_allow() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("base.py"), LISTED).expect("a file");
    let production = "CORS_ALLOWED_ORIGINS = [\"https://b.example\"]\n";
    fs::write(folder.path().join("production.py"), production).expect("a file");
    let arguments = ["import", "base.py", "production.py", "--format", "json"];
    let (stdout, stderr, code) = ran(corsgate(folder.path(), &arguments));
    assert_eq!(code, 10, "{stderr}");
    let report: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let holes = of_class(&report, "not readable");
    assert!(
        holes.contains("production.py:1 path: another rule is for this path as well (base.py:1)"),
        "{holes}"
    );
    let policy = fs::read_to_string(folder.path().join("policy.toml")).expect("a policy");
    assert!(!lists(&policy, "https://a.example") && !lists(&policy, "https://b.example"), "{policy}");
}

#[test]
fn settings_tell_no_secret() {
    let program = "SECRET_KEY = \"hunter2\"\nDATABASES = {\"default\": {\"PASSWORD\": \"hunter2\"}}\n\
                   CORS_ALLOWED_ORIGINS = [\"https://user:hunter2@a.example\", f\"https://a.example/?key={SECRET_KEY}\", \
                   \"hunter2\", \"https://a.example/hunter2\", SECRET_KEY, os.environ.get(\"ORIGIN\", \"hunter2\")]\n\
                   CORS_ALLOW_HEADERS = [\"Bearer hunter2\"]\nCORS_EXPOSE_HEADERS = \"hunter2 hunter2\"\n\
                   CORS_PREFLIGHT_MAX_AGE = \"hunter2\"\nCORS_ALLOW_METHODS = [\"hunter2 hunter2\"]\n\
                   CORS_ALLOWED_ORIGIN_REGEXES = [r\"^https://user:hunter2@\", r\"hunter2[\"]\n";
    let options = "resources={\"/api\": {\"origins\": \"https://user:hunter2@a.example\", \"hunter2 x\": 1}}";
    for program in [program.to_owned(), flask(options)] {
        let (policy, report, code) = imported_as("settings.py", &program, &[]);
        assert_eq!(code, 10);
        assert!(!format!("{policy}{report}").contains("hunter2"), "{policy}{report:#}");
    }
}

#[test]
fn hostile_files_of_python_end() {
    let nested = |open: &str, inner: &str, close: &str| {
        let (open, close) = (open.repeat(20_000), close.repeat(20_000));
        format!("CORS_ALLOWED_ORIGINS = {open}{inner}{close}\n")
    };
    let blocks = |line: &str| (0..600).map(|at| format!("{}{line}\n", " ".repeat(at))).collect::<String>();
    let names: String = (0..5000).map(|at| format!("a{at} = a{}\n", at + 1)).collect();
    let doubled: String = (0..40).map(|at| format!("a{at} = [*a{0}, *a{0}]\n", at + 1)).collect();
    for (sentence, program) in [
        ("brackets that stay open", "[".repeat(100_000)),
        ("parentheses that stay open", format!("CORS(app, origins={}", "(".repeat(100_000))),
        ("lists", nested("[", "", "]")),
        ("parentheses", nested("(", "\"https://a.example\"", ")")),
        ("dictionaries", nested("{1: ", "1", "}")),
        ("calls", nested("list(", "", ")")),
        ("f-strings", nested("f\"{", "1", "}\"")),
        ("functions", nested("lambda: ", "1", "")),
        ("attributes", nested("", "a", ".b")),
        ("blocks", blocks("if x:") + &" ".repeat(600) + LISTED),
        ("classes", blocks("class A:") + &" ".repeat(600) + LISTED),
        ("names", format!("{names}CORS_ALLOWED_ORIGINS = a0\n")),
        ("doubled lists", format!("a40 = [\"https://a.example\"]\n{doubled}CORS_ALLOWED_ORIGINS = a0\n")),
        ("a circle", "a = b\nb = a\nCORS_ALLOWED_ORIGINS = a\n".to_owned()),
        ("classes in a circle", format!("class A(B):\n  pass\nclass B(A):\n  {LISTED}")),
        ("a huge product", "CORS_ALLOWED_ORIGINS = [\"https://a.example\"] * 10 ** 9\n".to_owned()),
        ("very many settings", LISTED.repeat(100_000)),
        (
            "very many views",
            "@app.route(\"/a\")\n@cross_origin(\"https://a.example\")\ndef a(): pass\n".repeat(20_000),
        ),
        ("nothing", String::new()),
    ] {
        let (policy, report, code) = imported_as("settings.py", &program, &[]);
        assert_eq!(code, 10, "{sentence}: {report:#}");
        assert!(!of_class(&report, "not readable").is_empty(), "{sentence}: {report:#}");
        assert!(!lists(&policy, "https://a.example") && !lists(&policy, "*"), "{sentence}: {policy}");
    }
}

#[test]
fn python_of_50_megabytes_is_named_and_not_read() {
    let (policy, report, code) = imported_as("settings.py", LISTED.repeat(1_200_000), &[]);
    assert_eq!((policy.as_str(), code), ("", 10));
    assert!(of_class(&report, "not readable").contains("longer than 16 MiB"), "{report:#}");
}
