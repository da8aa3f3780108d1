//! `prompt` and `prompts` → [`Prompt`]s with their templates compiled.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::attach::{Attachments, Slot, file_name, is_url};
use super::brought::Brought;
use super::env::Env;
use super::log::{Finding, Log, Place, Target};
use super::model::{Case, Message, MessageContent, Messages, Prompt};
use super::node::Node;
use super::read::{Field, Table};
use super::shape::{Leaf, Leaves, Shape, ShapeError};
use super::template::Vars;
use super::whole;

/// The keys of a prompt.
pub(super) const KEYS: [&str; 4] = ["id", "system", "user", "messages"];

/// A prompt's messages, ready to be rendered.
pub(super) struct Compiled {
    messages: CompiledMessages,
    files: Arc<Attachments>,
}

#[derive(Debug)]
enum CompiledMessages {
    Listed(Vec<CompiledMessage>),
    /// One template gives the whole list.
    Whole(Leaf),
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.messages.fmt(f)
    }
}

#[derive(Debug)]
struct CompiledMessage {
    /// Without `content`.
    fields: Map<String, Value>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Text(Leaf),
    Parts(Shape),
    /// `content: null`, as beside `tool_calls`.
    Nothing,
}

impl Compiled {
    /// The `messages` of a request.
    ///
    /// # Errors
    /// The template that cannot be rendered.
    pub(super) fn render(&self, vars: &Vars<'_>) -> Result<Value, ShapeError> {
        let message = |message: &CompiledMessage| {
            let mut fields = message.fields.clone();
            let content = match &message.content {
                Content::Text(leaf) => Value::String(leaf.text(vars)?),
                Content::Parts(shape) => {
                    let mut json = String::new();
                    shape.write(vars, &self.files, &mut json)?;
                    serde_json::from_str(&json).unwrap_or(Value::Null)
                }
                Content::Nothing => Value::Null,
            };
            fields.insert("content".to_owned(), content);
            Ok(Value::Object(fields))
        };
        match &self.messages {
            CompiledMessages::Listed(messages) => messages.iter().map(message).collect::<Result<_, _>>(),
            CompiledMessages::Whole(leaf) => whole::messages(leaf, vars),
        }
        .map(Value::Array)
    }

    /// Renders every template and throws the text away.
    pub(super) fn check(&self, vars: &Vars<'_>, report: &mut dyn FnMut(ShapeError)) {
        let messages = match &self.messages {
            CompiledMessages::Listed(messages) => messages,
            CompiledMessages::Whole(leaf) => return whole::messages(leaf, vars).err().into_iter().for_each(report),
        };
        for message in messages {
            match &message.content {
                Content::Text(leaf) => {
                    if let Err(error) = leaf.text(vars) {
                        report(error);
                    }
                }
                Content::Parts(shape) => shape.check(vars, &self.files, report),
                Content::Nothing => {}
            }
        }
    }

    /// Whether no message has a template: then every case asks the same.
    pub(super) fn is_constant(&self) -> bool {
        match &self.messages {
            CompiledMessages::Listed(messages) => messages.iter().all(|message| match &message.content {
                Content::Text(leaf) => leaf.template.is_plain(),
                Content::Parts(shape) => shape.is_constant(),
                Content::Nothing => true,
            }),
            CompiledMessages::Whole(leaf) => leaf.template.is_plain(),
        }
    }
}

impl Prompt {
    /// The one prompt of a suite whose datasets bring theirs.
    pub(super) fn brought(by_dataset: Vec<Self>) -> Self {
        let compiled = Compiled { messages: CompiledMessages::Listed(Vec::new()), files: Arc::default() };
        let messages = Messages::Listed(Vec::new());
        Self { id: "default".to_owned(), messages, by_dataset, compiled: Arc::new(compiled), env: Env::default() }
    }

    /// A prompt of one user message, as `prompt: text` in a suite makes it.
    ///
    /// # Errors
    /// What is wrong with the template.
    pub fn of_text(id: &str, text: &str) -> Result<Self, String> {
        let (log, place) = (Log::default(), Place::default());
        let node = Node::Text(text.into());
        let field = Field { node: &node, place };
        let mut leaves = Leaves::default();
        match read_prompt(&field, id.to_owned(), &Arc::default(), &mut leaves, &log) {
            Some((prompt, _)) if !log.has_errors() => Ok(prompt),
            _ => Err(log.first_message().unwrap_or_default()),
        }
    }
}

/// A case's prompt as it is sent: the `messages` of a chat request.
///
/// # Errors
/// A message that names what the template lacks. Every case of a loaded suite has been rendered once, so this is for
/// files that vanished meanwhile.
pub fn render(prompt: &Prompt, case: &Case) -> Result<Value, String> {
    let prompt = case.asked_with(prompt);
    let vars = Vars::parse(&case.vars).map_err(|error| format!("the case's variables are no JSON object: {error}"))?;
    let vars = vars.with_env(&prompt.env);
    prompt.compiled.render(&vars).map_err(|found| format!("prompt `{}`: {}", prompt.id, found.error.message))
}

/// Prompts with the places of their templates.
#[derive(Debug, Default)]
pub(super) struct Prompts {
    pub(super) list: Vec<Prompt>,
    pub(super) leaves: Leaves,
    /// The place of each prompt.
    pub(super) places: Vec<Place>,
    /// What datasets bring, where the suite has no prompt.
    pub(super) brought: Option<Brought>,
    /// What messages attach.
    pub(super) files: Arc<Attachments>,
    /// What the environment lends to their templates.
    pub(super) env: Env,
}

/// Reads `prompt` or `prompts`.
pub(super) fn read(suite: &Table<'_>, files: &Arc<Attachments>, env: &Env, log: &Log) -> Prompts {
    let mut prompts = Prompts { files: Arc::clone(files), env: env.clone(), ..Prompts::default() };
    let entries = match (suite.get("prompt"), suite.get("prompts")) {
        (Some(one), Some(several)) => {
            log.add(
                Finding::error(&one.place, "`prompt` and `prompts` both are given")
                    .target(Target::Key)
                    .related(&several.place, "the other one")
                    .hint("`prompt` is short for one entry of `prompts`: write all of them there"),
            );
            return prompts;
        }
        (Some(one), None) => vec![(one, "default".to_owned())],
        (None, Some(several)) => {
            let Some(list) = several.list("prompts", log) else { return prompts };
            if list.is_empty() {
                log.error(&several.place, "no prompts to ask");
            }
            list.into_iter().enumerate().map(|(i, field)| (field, format!("prompt-{}", i + 1))).collect()
        }
        (None, None) => {
            if ["dataset", "include"].iter().any(|key| suite.get(key).is_some()) {
                prompts.brought = Some(Brought::default());
            } else {
                missing(suite, log);
            }
            return prompts;
        }
    };
    let mut ids: HashMap<String, Place> = HashMap::new();
    for (field, default_id) in entries {
        let Some((prompt, place)) = read_prompt(&field, default_id, files, &mut prompts.leaves, log) else { continue };
        if let Some(first) = ids.get(&prompt.id) {
            let message = format!("a second prompt with the id `{}`", prompt.id);
            log.add(Finding::error(&place, message).related(first, "first here").hint("give each prompt its own `id`"));
        } else {
            ids.insert(prompt.id.clone(), place);
        }
        prompts.list.push(Prompt { env: env.clone(), ..prompt });
        prompts.places.push(field.place);
    }
    prompts
}

/// Tells that nothing says what is asked.
pub(super) fn missing(suite: &Table<'_>, log: &Log) {
    let hint = "write for example `prompt: \"{{ question }}\"`";
    log.add(Finding::error(&suite.place, "`prompt` is missing").hint(hint));
}

/// Reads one prompt: a text, or a map with `user` or `messages`. Beside it the place that names it.
pub(super) fn read_prompt(
    field: &Field<'_>,
    default_id: String,
    files: &Arc<Attachments>,
    leaves: &mut Leaves,
    log: &Log,
) -> Option<(Prompt, Place)> {
    let mut messages: Vec<(Message, Option<CompiledMessage>)> = Vec::new();
    let mut id = (default_id, field.place.clone());
    let mut whole = None;
    if let Node::Text(_) | Node::Number(_) = field.node {
        messages.push(text_message("user", field, leaves, log)?);
    } else {
        if !matches!(field.node, Node::Map(_)) {
            let message = format!("expected a text, or a map with `user`, found {}", field.node.describe());
            log.error(&field.place, message);
            return None;
        }
        let table = field.table("a prompt", &KEYS, log)?;
        if let Some(own) = table.get("id").filter(|field| !field.is_null()) {
            id = (own.name(log)?.to_owned(), own.place);
        }
        let (system, user, list) = (table.get("system"), table.get("user"), table.get("messages"));
        if let (Some(list), Some(other)) = (&list, system.as_ref().or(user.as_ref())) {
            log.add(
                Finding::error(&list.place, "`messages` stands beside `system` or `user`")
                    .target(Target::Key)
                    .related(&other.place, "the other one")
                    .hint("write all messages under `messages`"),
            );
        }
        if let Some(list) = list.as_ref().filter(|list| matches!(list.node, Node::Text(_))) {
            let text = list.text(log)?;
            whole = Some((text.to_owned(), leaves.compile(text, &list.place, log)?));
            if !text.contains("{{") && !text.contains("{%") {
                log.add(
                    Finding::error(&list.place, "expected a list of messages, or a template that gives one")
                        .hint("write `messages: \"{{ messages }}\"`, or a list of `{ role: …, content: … }`"),
                );
            }
        } else if let Some(list) = list {
            let entries = list.list("messages", log)?;
            if entries.is_empty() {
                log.error(&list.place, "no messages to send");
            }
            messages.extend(entries.iter().filter_map(|entry| read_message(entry, files, leaves, log)));
        } else {
            if user.is_none() {
                log.add(
                    Finding::error(&table.place, "`user` is missing")
                        .hint("write `user: \"{{ question }}\"`, or the whole list under `messages`"),
                );
            }
            for (role, part) in [("system", system), ("user", user)] {
                messages.extend(part.and_then(|part| content_message(role, &part, files, leaves, log)));
            }
        }
    }
    let (messages, compiled) = if let Some((text, leaf)) = whole {
        (Messages::Template(text), CompiledMessages::Whole(leaf))
    } else {
        let (messages, compiled): (Vec<_>, Vec<_>) = messages.into_iter().unzip();
        (Messages::Listed(messages), CompiledMessages::Listed(compiled.into_iter().flatten().collect()))
    };
    let compiled = Arc::new(Compiled { messages: compiled, files: Arc::clone(files) });
    Some((Prompt { id: id.0, messages, by_dataset: Vec::new(), compiled, env: Env::default() }, id.1))
}

fn text_message(
    role: &str,
    field: &Field<'_>,
    leaves: &mut Leaves,
    log: &Log,
) -> Option<(Message, Option<CompiledMessage>)> {
    let text = field.text(log)?;
    let content = leaves.compile(text, &field.place, log).map(Content::Text);
    Some(message(role, MessageContent::Text(text.to_owned()), content, Map::new()))
}

fn content_message(
    role: &str,
    field: &Field<'_>,
    files: &Arc<Attachments>,
    leaves: &mut Leaves,
    log: &Log,
) -> Option<(Message, Option<CompiledMessage>)> {
    match field.node {
        Node::List(_) => {
            let (parts, content) = parts(field, files, leaves, log)?;
            Some(message(role, MessageContent::Parts(parts), content, Map::new()))
        }
        _ => text_message(role, field, leaves, log),
    }
}

fn message(
    role: &str,
    content: MessageContent,
    compiled: Option<Content>,
    extra: Map<String, Value>,
) -> (Message, Option<CompiledMessage>) {
    let mut fields = Map::new();
    fields.insert("role".to_owned(), role.into());
    fields.extend(extra.clone());
    let compiled = compiled.map(|content| CompiledMessage { fields, content });
    (Message { role: role.to_owned(), content, extra }, compiled)
}

/// An entry of `messages`: `role`, `content`, and any further fields, which are sent as they are.
fn read_message(
    entry: &Field<'_>,
    files: &Arc<Attachments>,
    leaves: &mut Leaves,
    log: &Log,
) -> Option<(Message, Option<CompiledMessage>)> {
    let mut role = None;
    let mut content = None;
    let mut extra = Map::new();
    for (key, field) in entry.entries("a message as a map with `role` and `content`", log)? {
        match key {
            "role" => role = Some(field),
            "content" => content = Some(field),
            _ => _ = extra.insert(key.to_owned(), field.node.to_value()),
        }
    }
    let calls_tools = extra.contains_key("tool_calls");
    let Some(role) = role else {
        let hint = "`system`, `user`, `assistant` or `tool`";
        log.add(Finding::error(&entry.place, "a message without `role`").hint(hint));
        return None;
    };
    let role = role.name(log)?;
    match content {
        Some(field) if field.is_null() && calls_tools => {
            Some(message(role, MessageContent::Text(String::new()), Some(Content::Nothing), extra))
        }
        Some(field) => {
            let (mut message, compiled) = content_message(role, &field, files, leaves, log)?;
            message.extra.clone_from(&extra);
            let compiled = compiled.map(|mut compiled| {
                compiled.fields.extend(extra);
                compiled
            });
            Some((message, compiled))
        }
        None if calls_tools => Some(message(role, MessageContent::Text(String::new()), Some(Content::Nothing), extra)),
        None => {
            log.add(
                Finding::error(&entry.place, "a message without `content`").hint("write `content: \"{{ question }}\"`"),
            );
            None
        }
    }
}

/// Multimodal parts, with local files taken in where their path is no template.
fn parts(
    field: &Field<'_>,
    files: &Arc<Attachments>,
    leaves: &mut Leaves,
    log: &Log,
) -> Option<(Vec<Value>, Option<Content>)> {
    let entries = field.list("parts", log)?;
    if entries.is_empty() {
        log.error(&field.place, "a message with no parts");
    }
    let mut values = Vec::new();
    let mut shapes = Vec::new();
    let mut is_whole = true;
    for entry in &entries {
        let Some(table) = entry.entries("a part as a map with `type`", log) else { continue };
        match table.iter().find(|(key, _)| *key == "type") {
            Some((_, kind)) => _ = kind.name(log),
            None => log.add(Finding::error(&entry.place, "a part without `type`").hint("for example `type: text`")),
        }
        let with_name = named_file(entry.node);
        let entry = Field { node: with_name.as_ref().unwrap_or(entry.node), place: entry.place.clone() };
        let mut value = entry.node.to_value();
        let shape = leaves.shape(&entry, log).map(|shape| with_files(shape, None, &mut value, files, leaves, log));
        is_whole &= shape.is_some();
        shapes.extend(shape);
        values.push(value);
    }
    Some((values, is_whole.then(|| Content::Parts(Shape::List(shapes.into())))))
}

/// A `file` part that names a local file but gives it no `filename` gets the file's own.
fn named_file(part: &Node) -> Option<Node> {
    let file = part.get("file")?;
    let Node::Text(path) = file.get("file_data")? else { return None };
    if is_url(path) || path.contains("{{") || path.contains("{%") || file.get("filename").is_some() {
        return None;
    }
    let name = file_name(path)?;
    let mut part = part.clone();
    if let Node::Map(entries) = &mut part
        && let Some((_, Node::Map(file))) = entries.iter_mut().find(|(key, _)| &**key == "file")
    {
        file.insert(0, ("filename".into(), Node::Text(name.into())));
    }
    Some(part)
}

/// Finds the two places of a part that may name a file.
fn with_files(
    shape: Shape,
    parent: Option<&str>,
    value: &mut Value,
    files: &Arc<Attachments>,
    leaves: &Leaves,
    log: &Log,
) -> Shape {
    let Shape::Map(entries) = shape else { return shape };
    let entry = |(key, shape): (Box<str>, Shape)| {
        let slot = match (parent, &*key) {
            (Some("image_url"), "url") => Some(Slot::Image),
            (Some("file"), "file_data") => Some(Slot::File),
            _ => None,
        };
        let Some(inner) = value.get_mut(&*key) else { return (key, shape) };
        let shape = match (shape, slot) {
            (Shape::Text(leaf), Some(slot)) if leaf.template.is_plain() => {
                match files.data_url(inner.as_str().unwrap_or_default(), slot) {
                    Ok(url) => {
                        *inner = Value::String(url.to_string());
                        Shape::Constant(inner.to_string().into())
                    }
                    Err(error) => {
                        log.add(leaves.finding(leaf.number, &error, error.message.clone()));
                        Shape::Text(leaf)
                    }
                }
            }
            (Shape::Text(leaf), Some(slot)) => Shape::File(leaf, slot),
            (shape @ Shape::Map(_), None) if parent.is_none() => {
                with_files(shape, Some(&key), inner, files, leaves, log)
            }
            (shape, _) => shape,
        };
        (key, shape)
    };
    Shape::Map(entries.into_iter().map(entry).collect())
}
