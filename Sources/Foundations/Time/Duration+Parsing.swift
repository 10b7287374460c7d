extension Duration {
  /// Reads `90s`, `1m30s`, `2h`, `250ms`, `7d`; nil for every other text and from 1e12 seconds on.
  package init?(parsing text: String) {
    let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
    var rest = text[...]
    var total = 0.0
    repeat {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard let amount = Double(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      guard let unit = units.first(where: { rest.hasPrefix($0.0) }) else { return nil }
      rest = rest.dropFirst(unit.0.count)
      total += amount * unit.1
    } while !rest.isEmpty
    guard total < 1e12 else { return nil }
    self = .seconds(total)
  }
}
