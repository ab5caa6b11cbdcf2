//! Messages in the wire format of protobuf, as far as ONNX models need it. The library that reads models writes them too, but without the
//! graph's name, and a model whose graph has none is not valid.

/// A message, field after field.
#[derive(Debug, Default)]
pub(super) struct Message(Vec<u8>);

/// How a field's value follows its number.
#[derive(Clone, Copy)]
enum Wire {
    Number = 0,
    Announced = 2,
    Four = 5,
}

impl Message {
    pub(super) fn number(&mut self, field: u32, value: i64) -> &mut Self {
        self.key(field, Wire::Number);
        // Negative numbers are those of 64 bits in two's complement.
        self.varint(value.cast_unsigned());
        self
    }

    pub(super) fn numbers(&mut self, field: u32, values: impl IntoIterator<Item = i64>) -> &mut Self {
        for value in values {
            self.number(field, value);
        }
        self
    }

    pub(super) fn float(&mut self, field: u32, value: f32) -> &mut Self {
        self.key(field, Wire::Four);
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(super) fn bytes(&mut self, field: u32, bytes: &[u8]) -> &mut Self {
        self.key(field, Wire::Announced);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn text(&mut self, field: u32, text: &str) -> &mut Self {
        self.bytes(field, text.as_bytes())
    }

    pub(super) fn message(&mut self, field: u32, message: &Self) -> &mut Self {
        self.bytes(field, &message.0)
    }

    /// The fields of `other` after those of this message.
    pub(super) fn append(&mut self, other: &Self) -> &mut Self {
        self.0.extend_from_slice(&other.0);
        self
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn key(&mut self, field: u32, wire: Wire) {
        self.varint(u64::from(field) << 3 | wire as u64);
    }

    /// Seven bits a byte, the least significant first; the eighth says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of protobuf's documentation ("Encoding"): 150 in field 1, "testing" in field 2, that message in field 3, and −2 of 64 bits.
    #[test]
    fn fields_are_those_of_the_documentation() {
        let mut number = Message::default();
        number.number(1, 150);
        assert_eq!(number.0, [0x08, 0x96, 0x01]);
        let mut text = Message::default();
        text.text(2, "testing");
        assert_eq!(text.0, *b"\x12\x07testing");
        let mut outer = Message::default();
        outer.message(3, &number);
        assert_eq!(outer.0, [0x1a, 0x03, 0x08, 0x96, 0x01]);
        let mut negative = Message::default();
        negative.number(1, -2);
        assert_eq!(negative.0, [0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    }
}
