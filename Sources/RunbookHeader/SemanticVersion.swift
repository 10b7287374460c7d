/// Three numbers such as `1.4.0`; a later one is greater.
package struct SemanticVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let major: Int
  package let minor: Int
  package let patch: Int

  package init(_ major: Int, _ minor: Int, _ patch: Int) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// Reads `x.y.z` in plain decimal digits, without leading zeros; nil when it is anything else.
  package init?(_ text: String) {
    guard let numbers = SemanticVersion.numbers(in: text), numbers.count == 3 else { return nil }
    self.init(numbers[0], numbers[1], numbers[2])
  }

  package var description: String { "\(major).\(minor).\(patch)" }

  package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
    (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
  }

  /// The numbers between the dots; nil when a part is no plain number.
  static func numbers(in text: some StringProtocol) -> [Int]? {
    var numbers: [Int] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      let isPlain = !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard isPlain, part == "0" || part.first != "0", let number = Int(part) else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
