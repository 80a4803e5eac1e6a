//! JSON: the CORS rules of buckets and CDNs, and `vercel.json`. JSON is a part of JavaScript (ECMAScript 2019), so the
//! same parser reads it, comments and trailing commas included.

use corsgate_authoring::Source;

use crate::javascript;
use crate::kind::Kind;
use crate::model::Reading;

/// Reads JSON.
pub(crate) fn read(source: &Source, only: Option<Kind>) -> Reading {
    javascript::read_json(source, only)
}
