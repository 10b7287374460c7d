import Foundation

/// The bytes a host printed, written so that a difference between two recordings is a difference of lines.
struct RecordedText: Codable, Sendable, Equatable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private enum Key: String, CodingKey { case base64 }

  /// A list of lines with their ends, or `{"base64": …}` for what is not UTF-8.
  init(from decoder: any Decoder) throws {
    if var lines = try? decoder.unkeyedContainer() {
      var bytes: [UInt8] = []
      while !lines.isAtEnd { bytes += Array(try lines.decode(String.self).utf8) }
      self.bytes = bytes
    } else {
      bytes = Array(try decoder.container(keyedBy: Key.self).decode(Data.self, forKey: .base64))
    }
  }

  func encode(to encoder: any Encoder) throws {
    guard let lines else {
      var fields = encoder.container(keyedBy: Key.self)
      return try fields.encode(Data(bytes), forKey: .base64)
    }
    try lines.encode(to: encoder)
  }

  private var lines: [String]? {
    guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
    var lines: [String] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
      lines.append(String(decoding: rest[..<end], as: UTF8.self))
      rest = rest[end...]
    }
    return lines
  }
}
