use futures::{FutureExt, StreamExt, stream};
use proptest::prelude::*;

use super::*;

fn decode(chunks: &[&[u8]]) -> Vec<(String, String)> {
    let mut decoder = Decoder::default();
    let mut seen = Vec::new();
    for chunk in chunks {
        decoder.push(chunk, |e| seen.push((e.name().into_owned(), e.data().into_owned()))).unwrap();
    }
    seen
}

fn data(chunks: &[&[u8]]) -> Vec<String> {
    decode(chunks).into_iter().map(|(_, data)| data).collect()
}

#[test]
fn every_line_ending_ends_a_line() {
    for text in ["data: a\n\ndata: b\n\n", "data: a\r\n\r\ndata: b\r\n\r\n", "data: a\r\rdata: b\r\r"] {
        assert_eq!(data(&[text.as_bytes()]), ["a", "b"], "{text:?}");
    }
}

#[test]
fn the_fields_are_read_as_the_standard_says() {
    assert_eq!(data(&[b"data: a\ndata:b\ndata\ndata:  c\n\n"]), ["a\nb\n\n c"]);
    assert_eq!(data(&[b"data\n\n"]), [""]);
    assert_eq!(data(&[b": comment\n\nid: 1\nretry: 5\ndatax: no\n\n"]), [""; 0]);
    assert_eq!(
        decode(&[b"event: error\ndata: x\n\ndata: y\n\n"]),
        [("error".into(), "x".into()), (String::new(), "y".into())]
    );
}

#[test]
fn one_byte_order_mark_is_skipped_even_when_cut() {
    let text = b"\xef\xbb\xbfdata: a\n\n";
    for cut in 0..text.len() {
        assert_eq!(data(&[&text[..cut], &text[cut..]]), ["a"], "{cut}");
    }
    assert_eq!(data(&[b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n"]), [""; 0]);
    assert_eq!(data(&[b"\xef", b"\xbbdata: a\n\ndata: b\n\n"]), ["b"]);
}

#[test]
fn what_is_not_utf8_costs_no_other_event() {
    assert_eq!(data(&[b"data: a\xff\n\ndata: b\n\n"]), ["a\u{fffd}", "b"]);
}

#[test]
fn lines_and_events_are_bounded_however_they_arrive() {
    let long = [b"data: ".as_slice(), &[b'x'; 100], b"\n\n"].concat();
    for size in [1, 7, 64, 200] {
        let mut decoder = Decoder::with_limit(64);
        let result = long.chunks(size).try_for_each(|chunk| decoder.push(chunk, |_| ()));
        assert_eq!(result, Err(TooLong(64)), "{size}");
    }
    let mut decoder = Decoder::with_limit(64);
    assert_eq!((0..20).try_for_each(|_| decoder.push(b"data: 123456\n", |_| ())), Err(TooLong(64)));
    let mut decoder = Decoder::with_limit(64);
    assert_eq!(decoder.push(&[b':'; 65], |_| ()), Err(TooLong(64)));
}

#[test]
fn an_event_without_its_blank_line_is_handed_out_at_the_end() {
    for text in ["data: a\n\ndata: [DONE]", "data: a\n\ndata: [DONE]\n", "data: a\n\ndata: [DONE]\r"] {
        let mut decoder = Decoder::default();
        let mut seen = Vec::new();
        decoder.push(text.as_bytes(), |e| seen.push(e.data().into_owned())).unwrap();
        decoder.finish(|e| seen.push(e.data().into_owned())).unwrap();
        assert_eq!(seen, ["a", "[DONE]"], "{text:?}");
    }
}

/// Streams made of the pieces that matter, in any order.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just("data: {\"content\":\"é漢🦀\"}".to_owned()),
        2 => Just("data:x".to_owned()),
        1 => Just("data".to_owned()),
        1 => Just("event: error".to_owned()),
        1 => Just(": OPENROUTER PROCESSING".to_owned()),
        1 => Just("id: 7".to_owned()),
        1 => "[ -~é漢🦀]{0,12}",
        4 => Just("\n".to_owned()),
        2 => Just("\r\n".to_owned()),
        1 => Just("\r".to_owned()),
        3 => Just("\n\n".to_owned()),
        1 => Just("\r\n\r\n".to_owned()),
    ];
    (any::<bool>(), prop::collection::vec(piece, 0..40)).prop_map(|(bom, pieces)| {
        let mut bytes = if bom { BOM.to_vec() } else { Vec::new() };
        bytes.extend(pieces.concat().into_bytes());
        bytes
    })
}

fn cut(bytes: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut rest = bytes;
    let mut chunks = Vec::new();
    for &size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (head, tail) = rest.split_at(size.min(rest.len()));
        chunks.push(head.to_vec());
        rest = tail;
    }
    chunks
}

fn oracle(bytes: &[u8]) -> Vec<(String, String)> {
    let chunk = Ok::<_, std::convert::Infallible>(bytes::Bytes::copy_from_slice(bytes));
    let events = sseer::event_stream::EventStream::new(stream::iter([chunk]));
    events
        .collect::<Vec<_>>()
        .now_or_never()
        .unwrap()
        .into_iter()
        .map(|event| event.unwrap())
        .map(|event| (event.event.replace("message", ""), event.data.to_string()))
        .collect()
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_events(bytes in streams(), sizes in prop::collection::vec(1_usize..9, 1..20)) {
        let chunks = cut(&bytes, &sizes);
        let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(decode(&chunks), decode(&[&bytes]));
    }

    #[test]
    fn events_are_those_of_another_decoder(bytes in streams()) {
        let ours: Vec<_> = decode(&[&bytes]);
        prop_assert_eq!(ours, oracle(&bytes));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..50) {
        let mut decoder = Decoder::with_limit(64);
        for chunk in bytes.chunks(size) {
            if decoder.push(chunk, |e| drop((e.name(), e.data()))).is_err() {
                return Ok(());
            }
        }
        let _ = decoder.finish(|_| ());
    }
}
