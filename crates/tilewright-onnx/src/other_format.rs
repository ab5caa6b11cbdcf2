//! What a file is that is no ONNX model, as far as its first bytes tell, and what to do with it.

use crate::error::Problem;

/// What the file is in place of what the parser stumbled over.
pub(crate) fn explained(problem: Problem, bytes: &[u8]) -> Problem {
    match (problem, known(bytes)) {
        (Problem::NotOnnx(_), Some(format)) => Problem::NotOnnx(format.into()),
        (problem, _) => problem,
    }
}

fn known(bytes: &[u8]) -> Option<&'static str> {
    const PYTORCH: &str = "it is a file of PyTorch; load the module and write it by torch.onnx.export";
    Some(match bytes {
        [] => "it is empty",
        [b'P', b'K', 3, 4, ..] if holds(bytes, b"data.pkl") => PYTORCH,
        [b'P', b'K', 3, 4, ..] if holds(bytes, b".npy") => "it is an archive of numpy arrays; a model has layers too",
        [b'P', b'K', 3, 4, ..] if holds(bytes, b"config.json") => KERAS,
        [b'P', b'K', 3, 4, ..] => "it is a ZIP archive; give the model in it",
        [0x80, 2..=5, ..] => PYTORCH,
        [0x1f, 0x8b, ..] => "it is packed by gzip; unpack it",
        [b'{', ..] | [b'[', b'{' | b'[' | b'\n' | b' ', ..] => "it is JSON; give the model itself",
        [_, _, _, _, b'T', b'F', b'L', b'3', ..] => "it is a model of TensorFlow Lite; convert it by tf2onnx",
        [_, _, _, _, _, _, _, 0, b'{', ..] => {
            "it is a file of safetensors, weights without a network; load them into the module and write that by torch.onnx.export"
        }
        _ if bytes.starts_with(b"\x89HDF\r\n\x1a\n") => KERAS,
        _ if bytes.starts_with(b"\x93NUMPY") => "it is a numpy array; a model has layers too",
        _ if bytes.starts_with(b"SQLite format 3\0") => {
            "it is a database, such as a store of simulations; give the model itself"
        }
        _ => return text(bytes),
    })
}

const KERAS: &str = "it is a model of Keras; convert it by tf2onnx";

/// Of text: settings or a table.
fn text(bytes: &[u8]) -> Option<&'static str> {
    let start = &bytes[..bytes.len().min(4096)];
    let is_text = start.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..));
    let line = start.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty() && line[0] != b'#')?;
    let line = line.trim_ascii();
    Some(match line {
        _ if !is_text => return None,
        [b'<', ..] => "it is HTML or XML, such as an error page instead of a download; give the model itself",
        [b'[', .., b']'] => "it is TOML, such as a chip or a device; give the model itself",
        _ if line.starts_with(b"version https://git-lfs") => {
            "it is a pointer of Git LFS; get the file itself by git lfs pull"
        }
        _ if line.contains(&b'=') => "it is TOML or other settings; give the model itself",
        _ if line.iter().any(|byte| matches!(byte, b',' | b';' | b'\t')) => {
            "it is a table in text; give the model itself"
        }
        _ => "it is text; give the model itself",
    })
}

/// Whether a name is in the first directory entries of an archive, or in those at its end.
fn holds(bytes: &[u8], name: &[u8]) -> bool {
    const PART: usize = 1 << 16;
    let ends = [&bytes[..bytes.len().min(PART)], &bytes[bytes.len().saturating_sub(PART)..]];
    ends.into_iter().any(|part| part.windows(name.len()).any(|window| window == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_their_first_bytes() {
        for (bytes, words) in [
            (&b""[..], "empty"),
            (b"PK\x03\x04\x00\x00\x08\x08archive/data.pkl", "PyTorch"),
            (b"\x80\x02}q\x00", "PyTorch"),
            (b"PK\x03\x04\x14\x00\x00\x00weight.npy", "numpy"),
            (b"PK\x03\x04\x14\x00\x00\x00notes.txt", "ZIP"),
            (b"\x89HDF\r\n\x1a\n\x00", "Keras"),
            (b"\x1c\x00\x00\x00TFL3\x14\x00", "TensorFlow Lite"),
            (b"\x40\x00\x00\x00\x00\x00\x00\x00{\"a\":1}", "safetensors"),
            (b"\x93NUMPY\x01\x00", "numpy array"),
            (b"\x1f\x8b\x08\x00", "gzip"),
            (b"SQLite format 3\0\x10\x00", "database"),
            (b"{\"conv1\": 0.5}", "JSON"),
            (b"# mine\n[device]\nname = \"mine\"\n", "TOML"),
            (b"name = \"mine\"\n", "settings"),
            (b"layer,height,width\nconv1,3,3\n", "table"),
            (b"<!DOCTYPE html><html>", "HTML"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
            (b"Dear reviewer\n", "text"),
        ] {
            let found = known(bytes).unwrap_or_default();
            assert!(found.contains(words), "{}: {found:?}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(known(b"\x08\x08\x12\x07pytorch\x1a\x03"), None, "the beginning of a model");
    }
}
