//! Where in a PyTorch module a node comes from: what its exporters leave of it in names and metadata.
//!
//! The exporter of TorchScript calls a node `/layer4/layer4.0/conv1/Conv` after the modules it is in, a member of a sequence with the
//! sequence's name repeated. The newer one keeps `pkg.torch.onnx.name_scopes`, the modules and the node, and `pkg.torch.onnx.fx_node`, the
//! call with its parameters, such as `%p_layer4_0_conv1_weight`, as metadata of the node.

use crate::wire::next_field;
use std::collections::HashMap;

/// The module that a node was called in, and the parameter it took, if it says one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Such as `layer4.0.conv1`; empty for the outermost module.
    pub module: String,
    /// A parameter's name below the module, such as `in_proj_weight`.
    pub parameter: Option<String>,
}

impl Scope {
    /// Whether a module is this one or within it. A module that is called again has a number there: `look_1` of `look`.
    pub(crate) fn holds(&self, module: &str) -> bool {
        let is_again = |scope: &str, own: &str| {
            let number = scope.strip_prefix(own).and_then(|rest| rest.strip_prefix('_'));
            number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let mut own = module.split('.');
        self.module.split('.').all(|scope| own.next().is_some_and(|own| scope == own || is_again(scope, own)))
    }

    /// What a layer that is in this module is called; nothing in the outermost one.
    pub(crate) fn layer(&self) -> Option<String> {
        let plain = self.parameter.as_deref().and_then(|name| name.strip_suffix("weight"));
        let own = plain.map_or("", |name| name.trim_end_matches('_'));
        let parts = [self.module.as_str(), own];
        let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
        Some(name).filter(|name| !name.is_empty())
    }
}

/// What the metadata of a checked model's nodes says, by the first tensor that a node yields.
pub(crate) fn of_metadata(mut model: &[u8]) -> Result<HashMap<String, Scope>, String> {
    let mut scopes = HashMap::new();
    while let Some((field, mut graph)) = next_field(&mut model)? {
        if field != 7 {
            continue;
        }
        while let Some((field, node)) = next_field(&mut graph)? {
            if field == 1 {
                scopes.extend(of_node(node)?);
            }
        }
    }
    Ok(scopes)
}

fn of_node(mut node: &[u8]) -> Result<Option<(String, Scope)>, String> {
    let (mut output, mut scopes, mut call) = (None, None, None);
    while let Some((field, body)) = next_field(&mut node)? {
        match field {
            2 if output.is_none() => output = Some(body),
            9 => match entry(body)? {
                (b"pkg.torch.onnx.name_scopes", value) => scopes = Some(value),
                (b"pkg.torch.onnx.fx_node", value) => call = Some(value),
                _ => {}
            },
            _ => {}
        }
    }
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let (Some(output), Some(scopes)) = (output, scopes) else { return Ok(None) };
    let Some(module) = innermost(&text(scopes)) else { return Ok(None) };
    let parameter = call.and_then(|call| parameter(&text(call), &module));
    Ok(Some((text(output), Scope { module, parameter })))
}

/// A key and its value.
fn entry(mut bytes: &[u8]) -> Result<(&[u8], &[u8]), String> {
    let (mut key, mut value): (&[u8], &[u8]) = (&[], &[]);
    while let Some((field, body)) = next_field(&mut bytes)? {
        match field {
            1 => key = body,
            2 => value = body,
            _ => {}
        }
    }
    Ok((key, value))
}

/// The last but one of a list, which is the module of the last one: `['', 'layer1', 'layer1.0', 'conv2d']`.
fn innermost(scopes: &str) -> Option<String> {
    let names: Vec<&str> = scopes.strip_prefix("['")?.strip_suffix("']")?.split("', '").collect();
    let [.., module, _] = names[..] else { return None };
    Some(module.into())
}

/// The weights among the parameters of a call, whose dots are underscores, without the module's name.
fn parameter(call: &str, module: &str) -> Option<String> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let names = call.split("%p_").skip(1).filter_map(|rest| rest.split(|c| !is_name(c)).next());
    let prefix = if module.is_empty() { String::new() } else { format!("{}_", module.replace('.', "_")) };
    names.filter(|name| name.ends_with("weight")).find_map(|name| name.strip_prefix(&prefix)).map(Into::into)
}

/// The module of a node of this operator that is called after the modules it is in.
pub(crate) fn of_name(name: &str, operator: &str) -> Option<Scope> {
    let (path, last) = name.starts_with('/').then(|| name.rsplit_once('/'))??;
    let number = last.strip_prefix(operator)?;
    if !number.is_empty() && !number.strip_prefix('_')?.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/').filter(|part| !part.is_empty()) {
        if parts.last().is_some_and(|last| part.strip_prefix(last).is_some_and(|rest| rest.starts_with('.'))) {
            parts.pop();
        }
        parts.push(part);
    }
    Some(Scope { module: parts.join("."), parameter: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_after_modules_are_paths_in_which_sequences_repeat_themselves() {
        let module = |name, operator| of_name(name, operator).map(|scope| scope.module);
        assert_eq!(module("/layer4/layer4.0/conv1/Conv", "Conv").as_deref(), Some("layer4.0.conv1"));
        assert_eq!(module("/body/conv/MatMul_12", "MatMul").as_deref(), Some("body.conv"));
        assert_eq!(module("/Conv", "Conv").as_deref(), Some(""));
        for name in ["/body/conv", "/body/Convert", "body/Conv", "Conv_3", ""] {
            assert_eq!(module(name, "Conv"), None, "{name}");
        }
    }

    #[test]
    fn a_module_holds_itself_and_those_within_when_called_again_too() {
        let scope = Scope { module: "blocks.0.look_1".into(), parameter: None };
        assert!(["blocks.0.look", "blocks.0.look_1", "blocks.0.look.conv"].iter().all(|module| scope.holds(module)));
        assert!(
            !["blocks.0", "blocks.1.look", "blocks.0.lookout", "blocks.0.lo"].iter().any(|module| scope.holds(module))
        );
    }

    #[test]
    fn metadata_tells_the_module_and_the_weights_of_a_call() {
        let scopes = "['', 'encoder', 'encoder.0', 'encoder.0.attention', 'linear_4']";
        assert_eq!(innermost(scopes).as_deref(), Some("encoder.0.attention"));
        assert_eq!(innermost("['', 'conv2d']").as_deref(), Some(""));
        assert_eq!(innermost("linear"), None);
        let call = "%linear : [num_users=1] = call_function[target=torch.ops.aten.linear.default](args = (%x, \
                    %p_encoder_0_attention_in_proj_weight, %p_encoder_0_attention_in_proj_bias), kwargs = {})";
        assert_eq!(parameter(call, "encoder.0.attention").as_deref(), Some("in_proj_weight"));
        assert_eq!(parameter(call, "encoder.1"), None);
        assert_eq!(parameter("(args = (%x, %p_weight))", "").as_deref(), Some("weight"));
    }
}
