import Fleet
import PrimitiveKit
import Reference
import Site

/// Offers the names of a site.
struct SiteCandidates: CandidateSource {
  private let hosts: [String]
  private let bots: [String]
  private let groups: [String]
  private let images: OfferedImages

  init(_ site: Site, images: OfferedImages) {
    self.images = images
    hosts = site.hostNames.names
    bots = site.botNames.names
    groups = site.groupNames.map { "@\($0)" }
  }

  func candidates(for kind: Completion, startingWith typed: String) -> [String] {
    let names =
      switch kind {
      case .hosts: hosts
      case .bots: bots
      case .selectors: groups + hosts + bots
      case .images: images.known
      case .none, .files, .runbooks, .choices: [String]()
      }
    return names.filter { $0.hasPrefix(typed) }
  }
}
