//! What `corsgate import` makes of rules of buckets that differ, and of how each service compares origins.

use crate::import::{imported_as, of_class};
use crate::import_nothing_silent::in_force;

#[test]
fn s3_knows_families_of_headers() {
    let rule = |headers: &str| {
        format!(
            "<CORSConfiguration><CORSRule><AllowedOrigin>https://a.example</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>{headers}</CORSRule></CORSConfiguration>"
        )
    };
    let text = rule("<AllowedHeader>x-amz-*</AllowedHeader><AllowedHeader>x*y</AllowedHeader>");
    let (policy, report, _) = imported_as("s3.xml", text, &[]);
    assert!(in_force(&policy).contains("request_headers = [\n  \"x-amz-*\""), "{policy}");
    assert!(of_class(&report, "stricter here").contains("`x*y` is left out"), "{report:#}");
    let azure = r#"{"corsRules": [{"allowedOrigins": ["https://a.example"], "allowedMethods": ["PUT"], "allowedHeaders": ["x-ms-*"], "maxAgeInSeconds": 60}]}"#;
    let (policy, _, _) = imported_as("blob.json", azure, &[]);
    assert!(in_force(&policy).contains("\"x-ms-*\""), "{policy}");
    // Elsewhere it is the name of one header.
    let r2 = r#"{"rules": [{"allowed": {"origins": ["https://a.example"], "methods": ["PUT"], "headers": ["x-a-*"]}}]}"#;
    let (policy, report, _) = imported_as("r2.json", r2, &[]);
    assert!(!in_force(&policy).contains("x-a-*"), "{policy}");
    assert!(of_class(&report, "stricter here").contains("`x-a-*` is left out"), "{report:#}");
}

#[test]
fn a_rule_is_for_the_methods_that_it_lists() {
    for (name, text) in [
        ("s3.json", r#"[{"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["PUT"]}]"#),
        ("r2.json", r#"{"rules": [{"allowed": {"origins": ["https://a.example"], "methods": ["PUT"]}}]}"#),
        ("gcs.json", r#"[{"origin": ["https://a.example"], "method": ["PUT"], "maxAgeSeconds": 60}]"#),
        (
            "s3.xml",
            "<CORSConfiguration><CORSRule><AllowedOrigin>https://a.example</AllowedOrigin><AllowedMethod>PUT</AllowedMethod></CORSRule></CORSConfiguration>",
        ),
        (
            "blob.json",
            r#"{"corsRules": [{"allowedOrigins": ["https://a.example"], "allowedMethods": ["PUT"], "maxAgeInSeconds": 60}]}"#,
        ),
        (
            "bucket.tf.json",
            r#"{"cors_rule": [{"allowed_origins": ["https://a.example"], "allowed_methods": ["PUT"]}]}"#,
        ),
    ] {
        let (policy, report, _) = imported_as(name, text, &["--host", "api.example.com"]);
        assert!(in_force(&policy).contains("enforce_methods = true"), "{name}: {policy}");
        assert!(of_class(&report, "same").contains("only for PUT"), "{name}: {report:#}");
    }
    // CloudFront adds its headers to responses to all methods.
    let headers = "CorsConfig: { AccessControlAllowOrigins: { Items: [https://a.example] }, AccessControlAllowMethods: { Items: [PUT] } }";
    let (policy, ..) = imported_as("policy.yaml", headers, &[]);
    assert!(!policy.contains("enforce_methods"), "{policy}");
}

#[test]
fn rules_of_one_list_become_what_all_have_and_say_which_origins_lose_what() {
    let rules = |first: &str, second: &str| {
        format!(
            "[{{\"AllowedOrigins\": [\"https://a.example\"], {first}}}, {{\"AllowedOrigins\": [\"https://b.example\"], {second}}}]"
        )
    };
    let text = rules(
        r#""AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["X-A", "X-B"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 600"#,
        r#""AllowedMethods": ["GET", "HEAD"], "AllowedHeaders": ["*"], "MaxAgeSeconds": 60"#,
    );
    let (policy, report, _) = imported_as("s3.json", &text, &[]);
    let lines = in_force(&policy);
    for part in ["https://a.example", "https://b.example", "\"GET\"", "\"x-a\"", "\"x-b\"", "max_age = 60 "] {
        assert!(lines.contains(part), "no {part}: {policy}");
    }
    for part in ["PUT", "HEAD", "etag", "\"*\""] {
        assert!(!lines.contains(part), "{part}: {policy}");
    }
    let stricter = of_class(&report, "stricter here");
    for part in [
        "the same methods for all of its origins: `https://a.example` loses `PUT`",
        "the same methods for all of its origins: `https://b.example` loses `HEAD`",
        "the same exposed headers for all of its origins: `https://a.example` loses `ETag`",
        "the same request headers for all of its origins: `https://b.example` loses all others",
    ] {
        assert!(stricter.contains(part), "no {part}: {stricter}");
    }
    // `*` has no `authorization`, and methods are compared letter by letter.
    let text = rules(
        r#""AllowedMethods": ["GET"], "AllowedHeaders": ["Authorization", "X-A"]"#,
        r#""AllowedMethods": ["GET", "get"], "AllowedHeaders": ["*"]"#,
    );
    let lines = in_force(&imported_as("s3.json", &text, &[]).0);
    assert!(lines.contains("\"x-a\"") && !lines.contains("authorization"), "{lines}");
    // What cannot be read is nothing that all have.
    let text = rules(r#""AllowedMethods": [{"Ref": "M"}]"#, r#""AllowedMethods": ["DELETE"]"#);
    let lines = in_force(&imported_as("s3.json", &text, &[]).0);
    assert!(!lines.contains("DELETE") && !lines.contains("https://b.example"), "{lines}");
}

#[test]
fn a_star_in_an_origin_is_what_the_service_makes_of_it() {
    const WILD: &str = "https://*.a.example";
    for (name, text, is_pattern) in [
        ("s3.json", format!("[{{\"AllowedOrigins\": [\"{WILD}\"], \"AllowedMethods\": [\"GET\"]}}]"), true),
        ("gcs.json", format!("[{{\"origin\": [\"{WILD}\"], \"method\": [\"GET\"]}}]"), false),
        ("r2.json", format!("{{\"allowed\": {{\"origins\": [\"{WILD}\"], \"methods\": [\"GET\"]}}}}"), false),
        (
            "blob.json",
            format!(
                "{{\"allowedOrigins\": [\"{WILD}\"], \"allowedMethods\": [\"GET\"], \"maxAgeInSeconds\": 5}}"
            ),
            false,
        ),
        (
            "api.tf.json",
            format!(
                "{{\"cors_configuration\": [{{\"allow_origins\": [\"{WILD}\"], \"allow_methods\": [\"GET\"]}}]}}"
            ),
            false,
        ),
        (
            "headers.tf.json",
            format!(
                "{{\"access_control_allow_origins\": [{{\"items\": [\"{WILD}\"]}}], \"access_control_allow_methods\": [{{\"items\": [\"GET\"]}}]}}"
            ),
            true,
        ),
        (
            "serverless.yml",
            format!(
                "provider:\n  httpApi:\n    cors: {{ allowedOrigins: ['{WILD}'], allowedMethods: [GET] }}\n"
            ),
            false,
        ),
    ] {
        let (policy, report, _) = imported_as(name, &text, &[]);
        assert_eq!(in_force(&policy).contains(WILD), is_pattern, "{name}: {policy}");
        let named = of_class(&report, "stricter here").contains("is compared letter by letter");
        assert_eq!(named, !is_pattern, "{name}: {report:#}");
    }
}

#[test]
fn the_cors_of_an_app_service_in_terraform_is_read() {
    let text = r#"{"site_config": [{"cors": [{"allowed_origins": ["https://a.example"], "support_credentials": true}]}]}"#;
    let (policy, ..) = imported_as("app.tf.json", text, &[]);
    let lines = in_force(&policy);
    assert!(lines.contains("https://a.example") && lines.contains("credentials = true"), "{policy}");
}
