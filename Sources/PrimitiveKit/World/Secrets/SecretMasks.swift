import Glibc
import Synchronization

import struct Foundation.Data

/// Hides the values of the secrets that this process has read, wherever they come back.
///
/// A mask is as long as what it hides, so that counts and offsets in an answer still hold. Masked are a value of at least 6
/// bytes, its lines, what is left of either where an answer was cut, if that is half of it, and its forms in base64, in hex,
/// in a URL, in JSON, for a shell and in the lines of the host script.
package final class SecretMasks: Sendable {
  /// The shortest value that is masked, in bytes: a shorter one would hide half of every answer and is guessed anyway.
  package static let shortest = 6

  private let state = Mutex(State())

  private struct State {
    var needles: [Needle] = []
    /// The digests of the values whose needles are there.
    var known: Set<[UInt8]> = []
  }

  /// One form of a value.
  private struct Needle: Sendable {
    let name: String
    let bytes: LockedBytes
    /// What must be there of it at least.
    let least: Int
  }

  package init() {}

  /// Masks a value from now on.
  package func add(_ open: OpenSecret) {
    guard open.count >= SecretMasks.shortest else { return }
    let value = open.bytes
    let digest = SHA256(hashing: Array("\(open.secret.name)\0".utf8) + value).bytes
    state.withLock { state in
      guard state.known.insert(digest).inserted else { return }
      for form in SecretMasks.forms(of: value) {
        let bytes = LockedBytes(form)
        let least = max(SecretMasks.shortest, (form.count + 1) / 2)
        state.needles.append(Needle(name: open.secret.name, bytes: bytes, least: least))
      }
    }
  }

  /// The same bytes, as many, without any value.
  package func masked(_ bytes: [UInt8]) -> [UInt8] {
    let needles = state.withLock(\.needles)
    guard !needles.isEmpty, bytes.count >= SecretMasks.shortest else { return bytes }
    var found: [Found] = []
    bytes.withUnsafeBytes { text in
      for needle in needles { needle.bytes.withBytes { SecretMasks.find($0, needle, in: text, &found) } }
    }
    guard !found.isEmpty else { return bytes }
    return SecretMasks.filled(bytes, found)
  }

  package func masked(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let masked = masked(bytes)
    return masked == bytes ? text : String(decoding: masked, as: UTF8.self)
  }

  private struct Found {
    var range: Range<Int>
    let name: String
  }

  /// Every place where a form begins or ends: whole, or as much of it as a cut left.
  private static func find(
    _ form: UnsafeRawBufferPointer,
    _ needle: Needle,
    in text: UnsafeRawBufferPointer,
    _ found: inout [Found]
  ) {
    let least = needle.least
    each(UnsafeRawBufferPointer(rebasing: form[..<least]), in: text) { start in
      var end = start + least
      while end < text.count, end - start < form.count, text[end] == form[end - start] { end += 1 }
      found.append(Found(range: start..<end, name: needle.name))
      return end
    }
    each(UnsafeRawBufferPointer(rebasing: form[(form.count - least)...]), in: text) { place in
      let end = place + least
      var start = place
      while start > 0, end - start < form.count, text[start - 1] == form[form.count - (end - start) - 1] { start -= 1 }
      found.append(Found(range: start..<end, name: needle.name))
      return end
    }
  }

  /// Calls `body` at every match; it answers where to look on.
  private static func each(_ part: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer, _ body: (Int) -> Int) {
    guard let begin = part.baseAddress, let first = part.first, let base = text.baseAddress else { return }
    var from = 0
    while from + part.count <= text.count,
      let match = memchr(base + from, Int32(first), text.count - part.count + 1 - from)
    {
      let place = UnsafeRawPointer(match) - base
      from = memcmp(match, begin, part.count) == 0 ? max(place + 1, body(place)) : place + 1
    }
  }

  private static func filled(_ bytes: [UInt8], _ found: [Found]) -> [UInt8] {
    var merged: [Found] = []
    for next in found.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      if let last = merged.last, next.range.lowerBound < last.range.upperBound {
        merged[merged.count - 1].range = last.range.lowerBound..<max(last.range.upperBound, next.range.upperBound)
      } else {
        merged.append(next)
      }
    }
    var masked = bytes
    for place in merged {
      let label = Array("<secret \(place.name)>".utf8)
      for (offset, index) in place.range.enumerated() where bytes[index] != UInt8(ascii: "\n") {
        let named = label.count <= place.range.count && offset < label.count
        masked[index] = named ? label[offset] : UInt8(ascii: "*")
      }
    }
    return masked
  }
}

extension SecretMasks {
  /// Bytes of a value whose every form is masked.
  private static var longest: Int { 4096 }

  /// A value as it may come back.
  static func forms(of value: [UInt8]) -> [[UInt8]] {
    var texts = [value]
    let lines = value.split(separator: UInt8(ascii: "\n")).map(Array.init)
    if lines.count > 1 || lines.first != value { texts += lines }
    var forms: [[UInt8]] = []
    for text in texts {
      forms += [text, escaped(text, jsonByte), escaped(text, lineByte)]
      // A long file comes back as it is, if at all; all forms of all its lines would slow every answer.
      guard value.count <= longest else { continue }
      forms += [escaped(text, urlByte), escaped(text, shellByte)] + base64(text) + hexadecimal(text)
    }
    var seen: Set<[UInt8]> = []
    return forms.filter { $0.count >= shortest && seen.insert($0).inserted }
  }

  private static func escaped(_ text: [UInt8], _ form: (UInt8) -> [UInt8]?) -> [UInt8] {
    text.flatMap { form($0) ?? [$0] }
  }

  private static func hexByte(_ byte: UInt8) -> [UInt8] {
    let digits = String(byte, radix: 16, uppercase: true)
    return Array((digits.count == 1 ? "0\(digits)" : digits).utf8)
  }

  /// RFC 3986: all but unreserved characters.
  private static func urlByte(_ byte: UInt8) -> [UInt8]? {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
      nil
    default: [UInt8(ascii: "%")] + hexByte(byte)
    }
  }

  private static func jsonByte(_ byte: UInt8) -> [UInt8]? {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
    case UInt8(ascii: "\n"): Array("\\n".utf8)
    case UInt8(ascii: "\t"): Array("\\t".utf8)
    case UInt8(ascii: "\r"): Array("\\r".utf8)
    default: nil
    }
  }

  private static func shellByte(_ byte: UInt8) -> [UInt8]? { byte == UInt8(ascii: "'") ? Array("'\\''".utf8) : nil }

  /// As the lines of the host script write it.
  private static func lineByte(_ byte: UInt8) -> [UInt8]? {
    switch byte {
    case UInt8(ascii: "%"), UInt8(ascii: "\t"), UInt8(ascii: "\n"): [UInt8(ascii: "%")] + hexByte(byte)
    default: nil
    }
  }

  private static func hexadecimal(_ text: [UInt8]) -> [[UInt8]] {
    let upper = text.flatMap(hexByte)
    return [upper, Array(String(decoding: upper, as: UTF8.self).lowercased().utf8)]
  }

  /// In both alphabets and wherever it begins within a text: the digits that what stands around it does not change.
  private static func base64(_ text: [UInt8]) -> [[UInt8]] {
    (0...2).flatMap { shift -> [[UInt8]] in
      let whole = Data([UInt8](repeating: 0, count: shift) + text).base64EncodedString().utf8
      let first = (shift * 8 + 5) / 6
      let last = (shift + text.count) * 8 / 6
      guard last - first >= shortest else { return [] }
      let digits = Array(whole)[first..<last]
      let url = digits.map { byte in
        switch byte {
        case UInt8(ascii: "+"): UInt8(ascii: "-")
        case UInt8(ascii: "/"): UInt8(ascii: "_")
        default: byte
        }
      }
      return [Array(digits), url]
    }
  }
}
