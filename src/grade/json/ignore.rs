//! What of two values is not compared: keys by their name, or by a path.

use serde_json::Value;

use crate::grade::options::{OptionError, Texts};
use crate::grade::path::{Path, TooMuchWork};

use super::place::pointer_parts;

/// The option `ignore_keys`, sorted into names and paths.
#[derive(Debug, Clone, Default)]
pub(in crate::grade) struct IgnoredKeys {
    /// Names that are not looked at, at any depth.
    pub(in crate::grade) names: Vec<String>,
    paths: Vec<Path>,
}

impl IgnoredKeys {
    /// Reads the option: what begins with `$` followed by `.` or `[` is a path.
    ///
    /// # Errors
    /// A path that is none.
    pub(in crate::grade) fn read(option: Option<Texts>) -> Result<Self, OptionError> {
        let keys: Vec<String> = option.into_iter().flat_map(|keys| keys.0).map(|key| key.0).collect();
        let mut ignored = Self::default();
        let only = keys.len() == 1;
        for (index, key) in keys.into_iter().enumerate() {
            if !key.starts_with("$.") && !key.starts_with("$[") {
                ignored.names.push(key);
                continue;
            }
            let path = Path::parse(&key).map_err(|mistake| {
                let at = if only { "ignore_keys".to_owned() } else { format!("ignore_keys[{index}]") };
                OptionError::at(&at, mistake.message, mistake.hint)
            })?;
            ignored.paths.push(path);
        }
        Ok(ignored)
    }

    /// Whether there is a path to follow.
    pub(in crate::grade) fn has_paths(&self) -> bool {
        !self.paths.is_empty()
    }

    /// The value without what the paths select: members of maps are left out, items of lists count as null, as the
    /// others keep their places.
    ///
    /// # Errors
    /// A path that would take too long to follow.
    pub(in crate::grade) fn strip(&self, mut value: Value) -> Result<Value, TooMuchWork> {
        for path in &self.paths {
            for pointer in path.locate(&value)? {
                remove(&mut value, &pointer);
            }
        }
        Ok(value)
    }
}

/// Removes what stands at a pointer, unless something above it went before.
fn remove(value: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return };
    let Some(last) = pointer_parts(&pointer[pointer.len() - last.len() - 1..]).next() else { return };
    match value.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            // The order of keys means nothing; keeping it would take a pass over the map for every key.
            map.swap_remove(&last);
        }
        Some(Value::Array(items)) => {
            if let Some(item) = last.parse().ok().and_then(|index: usize| items.get_mut(index)) {
                *item = Value::Null;
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::options::Text;
    use serde_json::json;

    fn ignored(keys: &[&str]) -> Result<IgnoredKeys, OptionError> {
        IgnoredKeys::read(Some(Texts(keys.iter().map(|key| Text((*key).to_owned())).collect())))
    }

    #[test]
    fn paths_leave_out_members_and_blank_items() {
        let ignored = ignored(&["id", "$.items[*].at", "$.list[0]", "$..deep"]).unwrap();
        assert_eq!(ignored.names, ["id"]);
        let value = json!({"at": 1, "items": [{"at": 1, "x": 2}], "list": [1, 2], "deep": {"deep": 1}});
        let want = json!({"at": 1, "items": [{"x": 2}], "list": [null, 2]});
        assert_eq!(ignored.strip(value).unwrap(), want);
    }

    #[test]
    fn a_wrong_path_is_told_where_it_stands() {
        assert_eq!(ignored(&["$.a["]).unwrap_err().path, "ignore_keys");
        assert_eq!(ignored(&["id", "$.a["]).unwrap_err().path, "ignore_keys[1]");
        assert_eq!(ignored(&["$ref"]).unwrap().names, ["$ref"]);
    }
}
