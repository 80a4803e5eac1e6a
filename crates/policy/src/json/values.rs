//! The values that are read from JSON.

use std::collections::BTreeMap;

use super::{Json, MOST_NESTED, Mistake, Object, Read, Value};

impl<T: Object> Value for T {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        json.fields(self)
    }
}

impl Value for String {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        *self = json.string()?.into_owned();
        Ok(())
    }
}

impl Value for bool {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        *self = json.boolean()?;
        Ok(())
    }
}

impl Value for u32 {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        *self = json.whole()?;
        Ok(())
    }
}

impl Value for f64 {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        *self = json.fraction()?;
        Ok(())
    }
}

impl<T: Value + Default> Value for Option<T> {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        match json.word("null") {
            true => Ok(()),
            false => self.insert(T::default()).read(json),
        }
    }
}

impl<T: Value + Default> Value for Vec<T> {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        json.require(b'[', "a list")?;
        self.clear();
        while json.continues(b']', self.is_empty())? {
            let mut item = T::default();
            item.read(json)?;
            self.push(item);
        }
        Ok(())
    }
}

/// An object whose names are not fields.
impl<T: Value + Default> Value for BTreeMap<String, T> {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        json.require(b'{', "an object")?;
        self.clear();
        while json.continues(b'}', self.is_empty())? {
            let name = json.name()?;
            let mut value = T::default();
            value.read(json)?;
            if self.insert(name.clone().into_owned(), value).is_some() {
                return Err(json.malformed(Mistake::Twice(name.into_owned())));
            }
        }
        Ok(())
    }
}

/// Any value, which is not kept.
#[derive(Default)]
pub(crate) struct Ignored;

impl Value for Ignored {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        json.ignore_below(MOST_NESTED)
    }
}
