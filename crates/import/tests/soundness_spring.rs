//! No request that a program of Spring refuses is allowed by what is imported, unless the report says so.
//!
//! Configurations are generated as Java, properties and YAML and imported; `spring_meaning` says what a browser gets from
//! them. `npm run conformance -- import` asks the real Spring.

use corsgate_import::Class;
use proptest::prelude::*;

use crate::soundness::{Request, gets_through, imported, is_said, requests};
use crate::spring_meaning::{Call, HEADERS, METHODS, ORIGINS, Origin, PATTERNS, Spring};

/// Where the calls are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bean,
    Registry,
    /// Attributes of a class and of a method, as far as both can say it.
    Annotations,
    Properties,
    Yaml,
}

#[derive(Clone, Debug)]
struct Configuration {
    form: Form,
    calls: Vec<Call>,
}

fn quoted<'t>(texts: impl IntoIterator<Item = &'t str>, separator: &str) -> String {
    let quoted: Vec<_> = texts.into_iter().map(|text| format!("\"{text}\"")).collect();
    quoted.join(separator)
}

impl Call {
    /// The name of the property, and its values.
    fn said(&self) -> (&'static str, Vec<&'static str>) {
        let texts = |origins: &[Origin]| origins.iter().map(|(text, _)| *text).collect();
        match self {
            Self::SetOrigins(origins) => ("Origins", texts(origins)),
            Self::AddOrigin(origin) => ("Origins", texts(&[*origin])),
            Self::SetPatterns(origins) => ("OriginPatterns", texts(origins)),
            Self::AddPattern(origin) => ("OriginPatterns", texts(&[*origin])),
            Self::SetMethods(methods) => ("Methods", methods.clone()),
            Self::AddMethod(method) => ("Methods", vec![method]),
            Self::SetHeaders(headers) => ("Headers", headers.clone()),
            Self::AddHeader(header) => ("Headers", vec![header]),
            Self::Credentials(is) => ("Credentials", vec![if *is { "true" } else { "false" }]),
            Self::PermitDefaults => ("", Vec::new()),
        }
    }

    fn adds(&self) -> bool {
        matches!(self, Self::AddOrigin(_) | Self::AddPattern(_) | Self::AddMethod(_) | Self::AddHeader(_))
    }

    fn of_bean(&self) -> String {
        let (name, values) = self.said();
        match self {
            Self::PermitDefaults => "c.applyPermitDefaultValues();".to_owned(),
            Self::Credentials(is) => format!("c.setAllowCredentials({is});"),
            _ if self.adds() => {
                format!("c.addAllowed{}({});", name.trim_end_matches('s'), quoted(values, ""))
            }
            _ => format!("c.setAllowed{name}(List.of({}));", quoted(values, ", ")),
        }
    }

    fn of_registry(&self) -> String {
        let (name, values) = self.said();
        match self {
            Self::PermitDefaults => String::new(),
            Self::Credentials(is) => format!(".allowCredentials({is})"),
            _ => format!(".allowed{name}({})", quoted(values, ", ")),
        }
    }

    fn of_annotation(&self) -> Option<String> {
        let (name, values) = self.said();
        let name = match name {
            "Origins" => "origins",
            "OriginPatterns" => "originPatterns",
            "Methods" => "methods",
            "Headers" => "allowedHeaders",
            "Credentials" => return Some(format!("allowCredentials = {}", quoted(values, ""))),
            _ => return None,
        };
        let methods = || values.iter().map(|it| format!("RequestMethod.{it}")).collect::<Vec<_>>().join(", ");
        let values = if name == "methods" { methods() } else { quoted(values.clone(), ", ") };
        Some(format!("{name} = {{{values}}}"))
    }

    /// The end of the property's name, and its value.
    fn of_boot(&self) -> (String, String) {
        let (name, values) = self.said();
        let name = match name {
            "OriginPatterns" => "allowed-origin-patterns".to_owned(),
            "Credentials" => "allow-credentials".to_owned(),
            name => format!("allowed-{}", name.to_ascii_lowercase()),
        };
        (name, values.join(","))
    }
}

impl Configuration {
    /// The calls that a form can say, in an order in which it may say them.
    fn new(form: Form, calls: Vec<Call>) -> Self {
        let mut kept: Vec<Call> = Vec::new();
        for call in calls {
            let (name, values) = call.said();
            let count = kept.iter().filter(|it| it.said().0 == name).count();
            // An attribute or a property is there once, and in annotations a method is one of an enumeration.
            let is_sayable = match form {
                Form::Bean => true,
                Form::Registry => !call.adds() && !name.is_empty(),
                Form::Annotations => {
                    !name.is_empty()
                        && count < 2
                        && !(name == "Methods" && values.iter().any(|it| matches!(*it, "put" | "*")))
                }
                // A comma of a list of ports would separate values.
                Form::Properties | Form::Yaml => {
                    !name.is_empty() && count == 0 && values.iter().all(|it| !it.contains(','))
                }
            };
            if is_sayable {
                kept.push(call);
            }
        }
        Self { form, calls: kept }
    }

    fn source(&self) -> (&'static str, String) {
        let joined = |of: fn(&Call) -> String| self.calls.iter().map(of).collect::<Vec<_>>().join("\n    ");
        match self.form {
            Form::Bean => (
                "Cors.java",
                format!(
                    "class Cors {{\n  CorsConfigurationSource source() {{\n    CorsConfiguration c = new CorsConfiguration();\n    {}\n    UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();\n    source.registerCorsConfiguration(\"/**\", c);\n    return source;\n  }}\n}}\n",
                    joined(Call::of_bean)
                ),
            ),
            Form::Registry => (
                "Cors.java",
                format!(
                    "class Cors implements WebMvcConfigurer {{\n  public void addCorsMappings(CorsRegistry registry) {{\n    registry.addMapping(\"/**\"){};\n  }}\n}}\n",
                    joined(Call::of_registry)
                ),
            ),
            Form::Annotations => {
                let of = |second: bool| {
                    let own = self.calls.iter().enumerate().filter(|(at, call)| {
                        let name = call.said().0;
                        self.calls.iter().take(*at).any(|it| it.said().0 == name) == second
                    });
                    own.filter_map(|(_, call)| call.of_annotation()).collect::<Vec<_>>().join(", ")
                };
                let (class, method) = (of(false), of(true));
                let method = if method.is_empty() { method } else { format!("@CrossOrigin({method})") };
                (
                    "Cors.java",
                    format!(
                        "@RestController\n@CrossOrigin({class})\nclass Cors {{\n  {method}\n  @RequestMapping(\"/**\")\n  String all() {{ return null; }}\n}}\n"
                    ),
                )
            }
            Form::Properties => {
                let lines = self.calls.iter().map(|call| {
                    let (name, value) = call.of_boot();
                    format!("spring.cloud.gateway.globalcors.cors-configurations.[/**].{name}={value}\n")
                });
                ("application.properties", lines.collect())
            }
            Form::Yaml => {
                let lines = self.calls.iter().map(|call| {
                    let (name, value) = call.of_boot();
                    format!("            {name}: '{value}'\n")
                });
                (
                    "application.yaml",
                    format!(
                        "spring:\n  cloud:\n    gateway:\n      globalcors:\n        cors-configurations:\n          '[/**]':\n{}",
                        lines.collect::<String>()
                    ),
                )
            }
        }
    }

    fn means(&self) -> Spring {
        let mut spring = Spring::default();
        if self.form == Form::Registry {
            spring.take(&Call::PermitDefaults);
        }
        for call in &self.calls {
            match (self.form, call) {
                (Form::Annotations, Call::SetOrigins(all)) => {
                    all.iter().for_each(|it| spring.take(&Call::AddOrigin(*it)));
                }
                (Form::Annotations, Call::SetPatterns(all)) => {
                    all.iter().for_each(|it| spring.take(&Call::AddPattern(*it)));
                }
                (Form::Annotations, Call::SetMethods(all)) => {
                    all.iter().for_each(|it| spring.take(&Call::AddMethod(it)));
                }
                (Form::Annotations, Call::SetHeaders(all)) => {
                    all.iter().for_each(|it| spring.take(&Call::AddHeader(it)));
                }
                _ => spring.take(call),
            }
        }
        if self.form == Form::Annotations {
            spring.take(&Call::PermitDefaults);
        }
        spring
    }
}

fn call() -> impl Strategy<Value = Call> {
    use prop::collection::vec;
    use prop::sample::select;
    prop_oneof![
        3 => vec(select(ORIGINS.to_vec()), 0..3).prop_map(Call::SetOrigins),
        1 => select(ORIGINS.to_vec()).prop_map(Call::AddOrigin),
        2 => vec(select(PATTERNS.to_vec()), 0..3).prop_map(Call::SetPatterns),
        1 => select(PATTERNS.to_vec()).prop_map(Call::AddPattern),
        2 => vec(select(METHODS.to_vec()), 0..4).prop_map(Call::SetMethods),
        1 => select(METHODS.to_vec()).prop_map(Call::AddMethod),
        2 => vec(select(HEADERS.to_vec()), 0..3).prop_map(Call::SetHeaders),
        1 => select(HEADERS.to_vec()).prop_map(Call::AddHeader),
        2 => any::<bool>().prop_map(Call::Credentials),
        1 => Just(Call::PermitDefaults),
    ]
}

fn configuration() -> impl Strategy<Value = Configuration> {
    let forms = vec![Form::Bean, Form::Registry, Form::Annotations, Form::Properties, Form::Yaml];
    // Spring Boot makes no configuration of no property.
    let first = prop::sample::select(ORIGINS.to_vec()).prop_map(|it| Call::SetOrigins(vec![it]));
    (prop::sample::select(forms), first, prop::collection::vec(call(), 0..7)).prop_map(
        |(form, first, mut calls)| {
            if matches!(form, Form::Properties | Form::Yaml) {
                calls.insert(0, first);
            }
            Configuration::new(form, calls)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_spring_refuses_is_allowed(configuration in configuration()) {
        let (name, text) = configuration.source();
        let (carried, policy) = imported(name, &text);
        let spring = configuration.means();
        let says = |part: &str| carried.findings.iter().any(|it| it.message.contains(part));
        let has_holes = carried.findings.iter().any(|it| it.class != Class::Same);
        let safelisted = requests().into_iter().filter(|it| it.method == "GET");
        let safelisted = safelisted.flat_map(|it| ["HEAD", "POST"].map(|method| Request { method, ..it.clone() }));
        for request in requests().into_iter().chain(safelisted) {
            let (source, ours) = (spring.lets_through(&request), gets_through(&policy, &request));
            let is_said = is_said(&carried, &request) || request.method == "HEAD" && says("HEAD goes with GET");
            prop_assert!(source || !ours || is_said, "wider: {:?}\n{}\n{:#?}", request, text, carried.findings);
            // What is lost is said as well.
            prop_assert!(ours || !source || has_holes, "lost in silence: {:?}\n{}\n{:#?}", request, text, carried.findings);
        }
    }
}
