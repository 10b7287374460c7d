/// The releases that a site offers, by digest: what they are called and where they come from.
///
/// A change that was recorded long ago knows a digest only; this tells the rest as it is today.
package struct OfferedReleases: Sendable {
  /// One release.
  package struct Offer: Sendable, Equatable {
    package let name: String
    /// A path on the hosts or a URL.
    package let source: String

    package init(name: String, source: String) {
      self.name = name
      self.source = source
    }
  }

  private let offers: [String: Offer]

  /// `offers` are keyed by digest: `sha256:` and 64 hexadecimal digits.
  package init(_ offers: [String: Offer] = [:]) { self.offers = offers }

  package subscript(digest: String) -> Offer? { offers[digest] }
}
