import HostScript
import PluginHost
import PrimitiveKit
import Site

/// Names of bots that their runtime, or the host script, gives to something else.
struct ReservedNames {
  let site: Site
  /// What the site file evaluated to, and the text it was read from, for the line of a mistake.
  let value: Value
  let locate: (String) -> SourcePlace?

  /// Throws `site.invalid` for the first bot that cannot have its name.
  func check(_ runtimes: [RuntimeDriver]) throws(CallFailure) {
    let drivers = Dictionary(runtimes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for host in site.hosts {
      for bot in host.bots {
        let own = drivers[host.runtime]?.reserves(bot).map { "the runtime '\(host.runtime)' keeps '\($0)'" }
        let core = HostScript.reservedBots.first { Wildcard($0).matches(bot) }.map { "the host script keeps '\($0)'" }
        guard let why = own ?? core else { continue }
        let path = field(of: host.name)
        throw CallFailure(
          DataError(
            path: path,
            expected: "names not reserved by the runtime",
            got: "'\(bot)': \(why) for itself",
            location: locate(path)
          )
        )
      }
    }
  }

  /// The field that gives a host its bots: of one entry, which may stand for many hosts.
  private func field(of host: String) -> String {
    guard case .array(let entries) = value["hosts"] else { return "hosts" }
    let index = entries.firstIndex { entry in
      guard case .string(let text) = entry["name"] else { return false }
      return (try? NameSet(parsing: text))?.contains(host) == true
    }
    return index.map { "hosts[\($0 + 1)].bots" } ?? "hosts"
  }
}
