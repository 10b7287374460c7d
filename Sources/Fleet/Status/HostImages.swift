import HostScript
import PrimitiveKit
import Site

extension Fleet {
  /// Which images lie on hosts, and which of them bots run; asks all hosts at once.
  func images(on hosts: [Host], in site: Site) async -> [ImageRecord] {
    let names = Dictionary(site.fleet.images.values.map { ($0.digest.hex, $0.name) }, uniquingKeysWith: min)
    let records = await hosts.concurrentMap(limit: fanOut) { host in
      do {
        let calls = try self.hostCalls(host)
        async let listing = calls.read(["list"])
        async let looking = calls.read(["facts"])
        guard let line = try await looking.first(where: { $0.kind == .host }) else {
          throw CallFailure(FleetError.badHostAnswer(host: host.name, text: "no facts"))
        }
        let bots = try await listing.filter { $0.kind == .bot }.compactMap { try? HostBot($0) }
        return ImageRecord.all(of: host.name, try HostFacts(line), bots, names)
      } catch {
        let failure = CallFailure(anyError: error)
        let state = failure.failureClass == .unavailable ? "unreachable" : "unknown"
        let why = failure.reason(on: host.name)
        return [ImageRecord(host: host.name, digest: "", image: "", state: state, rank: nil, bots: [], note: why)]
      }
    }
    return records.flatMap { $0 }
  }
}

/// One image on one host.
struct ImageRecord: Record, Sendable {
  let host: String
  let digest: String
  let image: String
  let state: String
  let rank: Int?
  let bots: [String]
  var note = ""

  static var luaType: String { "fleet.HostImage" }
  static let columns: [Column<Self>] = [
    Column(\.host, "host", "Host it is stored on"),
    Column(\.image, "image", "Name in the site, or the name its bots report"),
    Column(\.state, "state", "current (a bot runs it), kept, present, unreachable or unknown"),
    Column(\.rank, "rank", "1 for the image deployed last, 2 for what it replaced, and so on"),
    Column("bots", "The bots running it, folded") { NameSet(names: $0.bots).folded },
    Column(\.digest, "digest", "Digest"),
    Column(\.note, "note", "Why the host did not answer"),
  ]

  /// The images of one host: those deployed last first, the others by digest.
  static func all(
    of host: String,
    _ facts: HostFacts,
    _ bots: [HostBot],
    _ names: [String: String]
  ) -> [ImageRecord] {
    let running = Dictionary(grouping: bots.filter { $0.state == .running }) { String($0.digest.dropFirst(7)) }
    let order = facts.kept.filter(facts.images.contains) + facts.images.filter { !facts.kept.contains($0) }.sorted()
    return order.map { hex in
      let mine = running[hex] ?? []
      let rank = facts.kept.firstIndex(of: hex).map { $0 + 1 }
      return ImageRecord(
        host: host,
        digest: "sha256:\(hex)",
        image: names[hex] ?? mine.first?.image ?? "",
        state: !mine.isEmpty ? "current" : rank != nil ? "kept" : "present",
        rank: rank,
        bots: mine.map(\.name)
      )
    }
  }
}
