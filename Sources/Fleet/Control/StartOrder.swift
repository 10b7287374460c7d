import PrimitiveKit
import Site

/// In which order bots start: those of a layer need bots of the layers before it, and nothing else of the selection.
///
/// They stop the other way round.
struct StartOrder: Sendable {
  /// Each in the order of the site; one layer where no bot needs another.
  let layers: [[HostShare]]
  /// What each bot needs of the selection, directly or through others.
  private let needs: [String: [String]]
  /// What each bot needs itself that is not of the selection, so that it must be up already.
  let beside: [String: [String]]
  /// What each bot needs and nothing can be: kinds that no bot of its system is of.
  let lacking: [String: [String]]

  /// Everything at once.
  init(unordered shares: [HostShare]) { (layers, needs, beside, lacking) = ([shares], [:], [:], [:]) }

  init(_ shares: [HostShare], _ systems: SystemCatalog) {
    let selected = shares.flatMap(\.bots)
    let isSelected = Set(selected)
    var needs: [String: [String]] = [:]
    var beside: [String: [String]] = [:]
    var lacking: [String: [String]] = [:]
    for bot in selected {
      if let (system, member) = systems.home(of: bot) {
        let others = system.needs(of: member).filter { !isSelected.contains($0) }
        if !others.isEmpty { beside[bot] = others.sorted() }
        let missing = system.missingKinds(for: member)
        if !missing.isEmpty { lacking[bot] = missing }
      }
      let found = StartOrder.closure(of: bot, systems).filter(isSelected.contains)
      if !found.isEmpty { needs[bot] = found }
    }
    var depths: [String: Int] = [:]
    for bot in selected { _ = StartOrder.depth(of: bot, needs, &depths) }
    let last = depths.values.max() ?? 0
    layers = (0...last).map { layer in
      shares.compactMap { share in
        let bots = share.bots.filter { (depths[$0] ?? 0) == layer }
        return bots.isEmpty ? nil : HostShare(host: share.host, bots: bots)
      }
    }
    (self.needs, self.beside, self.lacking) = (needs, beside, lacking)
  }

  private static func closure(of bot: String, _ systems: SystemCatalog) -> [String] {
    guard let (system, member) = systems.home(of: bot) else { return [] }
    var found: [String] = []
    var open = system.needs(of: member)
    while let next = open.popLast() {
      guard !found.contains(next) else { continue }
      found.append(next)
      if let (system, member) = systems.home(of: next) { open += system.needs(of: member) }
    }
    return found.sorted()
  }

  // `needs` has no cycle: the kinds of a system were refused with one.
  private static func depth(of bot: String, _ needs: [String: [String]], _ known: inout [String: Int]) -> Int {
    if let depth = known[bot] { return depth }
    var depth = 0
    for need in needs[bot] ?? [] { depth = max(depth, StartOrder.depth(of: need, needs, &known) + 1) }
    known[bot] = depth
    return depth
  }

  /// The bots that a bot needs and that are among these.
  func missing(for bot: String, among bots: Set<String>) -> [String] { (needs[bot] ?? []).filter(bots.contains) }

  /// The bots that need a bot and are among these.
  func dependents(of bot: String, among bots: Set<String>) -> [String] {
    bots.filter { needs[$0]?.contains(bot) ?? false }.sorted()
  }

  /// Whether some bot has to wait for another.
  var isOrdered: Bool { layers.count > 1 }

  /// The order in words, for a plan: `sidecar, then live, then monitor`.
  var line: String {
    layers.map { layer in NameSet(names: layer.flatMap(\.bots)).folded }.joined(separator: ", then ")
  }

  /// The same for what stops.
  var lineBackwards: String {
    layers.reversed().map { layer in NameSet(names: layer.flatMap(\.bots)).folded }.joined(separator: ", then ")
  }
}
