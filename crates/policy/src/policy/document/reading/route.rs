//! Where the fields of a route go.

use super::super::{
    CorsDocument, DEFAULT_TIMEOUT, EncodedSlashes, Explain, HstsDocument, LimitDocument, Mode, OnDisallowed,
    OnLimiterError, OnReject, RequestDocument, ResponseDocument, RouteDocument, SecurityDocument,
    TimingDocument, WebSocketDocument,
};
use crate::json::{Json, Object, Read, Value};

impl Default for RouteDocument {
    fn default() -> Self {
        Self {
            name: String::new(),
            path: String::new(),
            upstream: String::new(),
            hosts: None,
            mode: Mode::default(),
            cors: None,
            on_disallowed: OnDisallowed::default(),
            explain: Explain::default(),
            forward_origin: false,
            forward_cookies: false,
            storage_access: false,
            encoded_slashes: EncodedSlashes::default(),
            record_path: true,
            timeout: DEFAULT_TIMEOUT,
            upload_timeout: None,
            websocket: WebSocketDocument::default(),
            limits: Vec::new(),
            on_limiter_error: OnLimiterError::default(),
            request: RequestDocument::default(),
            response: ResponseDocument::default(),
            security: SecurityDocument::default(),
        }
    }
}

impl Object for RouteDocument {
    fn required(&self) -> &'static [&'static str] {
        &["name", "path", "upstream"]
    }

    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        Some(match name {
            "name" => &mut self.name,
            "path" => &mut self.path,
            "upstream" => &mut self.upstream,
            "hosts" => &mut self.hosts,
            "mode" => &mut self.mode,
            "cors" => &mut self.cors,
            "on_disallowed" => &mut self.on_disallowed,
            "explain" => &mut self.explain,
            "forward_origin" => &mut self.forward_origin,
            "forward_cookies" => &mut self.forward_cookies,
            "storage_access" => &mut self.storage_access,
            "encoded_slashes" => &mut self.encoded_slashes,
            "record_path" => &mut self.record_path,
            "timeout" => &mut self.timeout,
            "upload_timeout" => &mut self.upload_timeout,
            "websocket" => &mut self.websocket,
            "limits" => &mut self.limits,
            "on_limiter_error" => &mut self.on_limiter_error,
            "request" => &mut self.request,
            "response" => &mut self.response,
            "security" => &mut self.security,
            _ => return None,
        })
    }
}

impl Object for CorsDocument {
    fn required(&self) -> &'static [&'static str] {
        &["origins"]
    }

    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        Some(match name {
            "origins" => &mut self.origins,
            "methods" => &mut self.methods,
            "request_headers" => &mut self.request_headers,
            "exposed_headers" => &mut self.exposed_headers,
            "credentials" => &mut self.credentials,
            "max_age" => &mut self.max_age,
            "enforce_methods" => &mut self.enforce_methods,
            "dangerously_allow_insecure_origins" => &mut self.dangerously_allow_insecure_origins,
            "dangerously_allow_any_extension" => &mut self.dangerously_allow_any_extension,
            _ => return None,
        })
    }
}

impl Object for WebSocketDocument {
    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        Some(match name {
            "require_origin" => &mut self.require_origin,
            "on_reject" => &mut self.on_reject,
            "dangerously_allow_any_origin" => &mut self.dangerously_allow_any_origin,
            _ => return None,
        })
    }
}

impl Object for LimitDocument {
    fn required(&self) -> &'static [&'static str] {
        &["name", "quota", "window", "by"]
    }

    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        Some(match name {
            "name" => &mut self.name,
            "quota" => &mut self.quota,
            "window" => &mut self.window,
            "by" => &mut self.by,
            _ => return None,
        })
    }
}

impl Object for RequestDocument {
    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        Some(match name {
            "set" => &mut self.set,
            "remove" => &mut self.remove,
            _ => return None,
        })
    }
}

impl Object for ResponseDocument {
    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        Some(match name {
            "set" => &mut self.set,
            "remove" => &mut self.remove,
            "rewrite" => &mut self.rewrite,
            _ => return None,
        })
    }
}

impl Object for SecurityDocument {
    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        Some(match name {
            "hsts" => &mut self.hsts,
            "csp" => &mut self.csp,
            "nosniff" => &mut self.nosniff,
            "referrer_policy" => &mut self.referrer_policy,
            "permissions_policy" => &mut self.permissions_policy,
            "corp" => &mut self.corp,
            "coop" => &mut self.coop,
            "coep" => &mut self.coep,
            "timing_allow_origin" => &mut self.timing_allow_origin,
            _ => return None,
        })
    }
}

impl Value for TimingDocument {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        if json.peek() == Some(b'[') {
            let mut listed = Vec::new();
            listed.read(json)?;
            *self = Self::Listed(listed);
        } else {
            let mut follows = false;
            follows.read(json)?;
            *self = Self::Follows(follows);
        }
        Ok(())
    }
}

impl Object for HstsDocument {
    fn required(&self) -> &'static [&'static str] {
        &["max_age"]
    }

    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        Some(match name {
            "max_age" => &mut self.max_age,
            "include_subdomains" => &mut self.include_subdomains,
            "preload" => &mut self.preload,
            _ => return None,
        })
    }
}

impl Value for Mode {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        *self = json.one_of(&[("enforce", Self::Enforce), ("report", Self::Report)])?;
        Ok(())
    }
}

impl Value for OnDisallowed {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        *self = json.one_of(&[("reject", Self::Reject), ("forward", Self::Forward)])?;
        Ok(())
    }
}

impl Value for EncodedSlashes {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        *self = json.one_of(&[("refuse", Self::Refuse), ("keep", Self::Keep)])?;
        Ok(())
    }
}

impl Value for Explain {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        *self = json.one_of(&[("headers", Self::Headers), ("console", Self::Console)])?;
        Ok(())
    }
}

impl Value for OnLimiterError {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        *self = json.one_of(&[("allow", Self::Allow), ("deny", Self::Deny)])?;
        Ok(())
    }
}

impl Value for OnReject {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        *self = json.one_of(&[("handshake", Self::Handshake), ("close", Self::Close)])?;
        Ok(())
    }
}
