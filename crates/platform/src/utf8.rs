//! UTF-8 where it is the encoding of the `A` functions: on Linux, and of some code pages.

/// Returns as much of a text as fits into `room` bytes, without half a character at its end.
pub(crate) fn cut(text: &[u8], room: usize) -> &[u8] {
    let mut end = room.min(text.len());
    while end > 0 && text.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
        end -= 1;
    }
    &text[..end]
}
