import PluginHost
import PrimitiveKit
import Site

/// The transports that the hosts of a site ask for, and those that there are.
struct TransportNames {
  let site: Site
  /// What the site evaluated to, and where its fields stand.
  let value: Value
  let locate: (String) -> SourcePlace?
  /// How many of the last hosts inventories answered: an answer of today must not keep opsh from starting.
  let added: Int
  let dialogue: any Dialogue

  /// Throws `site.invalid` for the first host whose transport nobody has; that of an inventory is said.
  ///
  /// A plugin that could not be loaded may have it: then its hosts cannot be reached, and the others can.
  func check(_ plugins: [LoadedPlugin]) throws(CallFailure) {
    guard plugins.allSatisfy({ $0.problem == nil }), case .array(let entries) = value["hosts"] else { return }
    let names = HostAddress.Kind.builtIn.map(\.rawValue) + plugins.flatMap { $0.manifest?.provides.transports ?? [] }
    guard site.hosts.contains(where: { !names.contains($0.transport.rawValue) }) else { return }
    for (index, entry) in entries.enumerated() where entry["transport"] != .null {
      let path = "hosts[\(index + 1)].transport"
      do throws(DataError) {
        _ = try DataField(entry["transport"], path: path).transport(among: names)
      } catch {
        var error = error
        error.location = locate(path)
        guard index >= entries.count - added else { throw CallFailure(error) }
        dialogue.say(CallFailure(error).message + "; it cannot be reached")
      }
    }
  }
}
