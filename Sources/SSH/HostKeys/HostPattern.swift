/// A comma-separated list of host patterns with `*`, `?` and `!` (`man 5 ssh_config`, PATTERNS).
struct HostPattern: Sendable {
  private let wanted: [[UInt8]]
  private let unwanted: [[UInt8]]

  init(_ list: Substring) {
    let patterns = list.lowercased().split(separator: ",")
    wanted = patterns.filter { !$0.hasPrefix("!") }.map { Array($0.utf8) }
    unwanted = patterns.filter { $0.hasPrefix("!") }.map { Array($0.dropFirst().utf8) }
  }

  /// Whether one pattern matches and no negated one does.
  func matches(_ name: String) -> Bool {
    let name = Array(name.utf8)
    return wanted.contains { Self.matches($0, name) } && !unwanted.contains { Self.matches($0, name) }
  }

  // On a mismatch after a star, the star takes one more byte: linear for one star, never exponential.
  private static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
    var place = 0
    var index = 0
    var star: (place: Int, index: Int)?
    while index < name.count {
      if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
        star = (place, index)
        place += 1
      } else if place < pattern.count, pattern[place] == name[index] || pattern[place] == UInt8(ascii: "?") {
        place += 1
        index += 1
      } else if let last = star {
        star = (last.place, last.index + 1)
        place = last.place + 1
        index = last.index + 1
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
