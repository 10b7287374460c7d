/// A share of a fleet, kept in hundredths of a percent so that its floor is exact.
///
/// 0.29 * 100 is 28.999… in binary floating point; a budget computed that way would be one host short.
package struct Ratio: Equatable, Sendable {
  /// Ten-thousandths, 0 through 10,000.
  package let basisPoints: Int

  /// A share between 0 and 1, rounded to a hundredth of a percent; nil outside that range.
  package init?(_ share: Double) {
    guard share >= 0, share <= 1 else { return nil }
    basisPoints = Int((share * 10_000).rounded())
  }

  /// `floor(share * count)`, the budget rule of R1-36.
  package func floor(of count: Int) -> Int {
    count * basisPoints / 10_000
  }

  /// `ceil(share * count)`.
  package func ceiling(of count: Int) -> Int {
    (count * basisPoints + 9_999) / 10_000
  }

  /// The share as operators write it, for example `10%` or `2.5%`.
  package var text: String {
    let whole = basisPoints / 100
    let rest = basisPoints % 100
    guard rest > 0 else { return "\(whole)%" }
    return rest % 10 == 0 ? "\(whole).\(rest / 10)%" : "\(whole).\(rest < 10 ? "0" : "")\(rest)%"
  }
}

extension Ratio: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let share = try container.decode(Double.self)
    guard let ratio = Ratio(share) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(share) is not between 0 and 1")
    }
    self = ratio
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Double(basisPoints) / 10_000)
  }
}
