/// The part of a name around its numbers: `web7.lan` and `web[1-9].lan` share the pattern `web%s.lan`.
struct NamePattern: Hashable, Sendable {
  /// `%s` stands for a number and `%%` for a percent sign, as in ClusterShell, whose order it gives.
  let template: String
  let dimension: Int

  /// Longer digit sequences are text, so that every number fits an Int.
  static let longestNumber = 18

  /// Cuts a single name into its pattern and its numbers.
  init(name: String, indices: inout [IndexRuns.Run]) {
    indices.removeAll(keepingCapacity: true)
    var template: [UInt8] = []
    NamePattern.append(Array(name.utf8)[...], to: &template, indices: &indices)
    self.init(template: template, dimension: indices.count)
  }

  init(template: [UInt8], dimension: Int) {
    self.template = String(decoding: template, as: UTF8.self)
    self.dimension = dimension
  }

  /// Appends literal text to a template under construction and its numbers to `indices`.
  static func append(_ text: ArraySlice<UInt8>, to template: inout [UInt8], indices: inout [IndexRuns.Run]) {
    var position = text.startIndex
    while position < text.endIndex {
      let byte = text[position]
      guard isDigit(byte) else {
        template.append(byte)
        if byte == UInt8(ascii: "%") { template.append(byte) }
        position += 1
        continue
      }
      let end = text[position...].firstIndex { !isDigit($0) } ?? text.endIndex
      if end - position <= longestNumber {
        let number = text[position..<end].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        indices.append(IndexRuns.Run(width: end - position, low: number, high: number))
        template += [UInt8(ascii: "%"), UInt8(ascii: "s")]
      } else {
        template += text[position..<end]
      }
      position = end
    }
  }

  /// The name with its numbers, or ranges, put back.
  func filled(with texts: [String]) -> String {
    guard dimension > 0 || template.utf8.contains(UInt8(ascii: "%")) else { return template }
    var result: [UInt8] = []
    var next = 0
    var isEscaped = false
    for byte in template.utf8 {
      if isEscaped {
        isEscaped = false
        if byte == UInt8(ascii: "s"), next < texts.count {
          result += texts[next].utf8
          next += 1
        } else {
          result.append(byte)
        }
      } else if byte == UInt8(ascii: "%") {
        isEscaped = true
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  static func precedes(_ left: NamePattern, _ right: NamePattern) -> Bool {
    left.template.utf8.lexicographicallyPrecedes(right.template.utf8)
  }
}
