package import PrimitiveKit

/// A list of hosts that a plugin answers.
package struct PluginInventory: Sendable, Hashable {
  package let plugin: String
  package let name: String

  package init(plugin: String, name: String) { (self.plugin, self.name) = (plugin, name) }

  /// As it is kept from one session to the next.
  package var key: String { "\(plugin)/\(name)" }
  /// As messages name it.
  package var described: String { call.described }

  var call: PluginCall { PluginCall(id: plugin, section: "inventories", name: name, effect: .reads) }
}

extension PluginHost {
  /// How long an inventory may take.
  static let patienceWithInventories = Duration.seconds(30)

  /// The inventories of plugins whose manifest could be read.
  package var inventories: [PluginInventory] {
    plugins.flatMap { plugin in
      (plugin.manifest?.provides.inventories ?? []).map { PluginInventory(plugin: plugin.id, name: $0) }
    }
  }

  /// The hosts that an inventory answers, in the form of the site.
  ///
  /// Throws what the function raises, and `plugin.inventory` for what is no list.
  package func hosts(of inventory: PluginInventory) async throws(CallFailure) -> [Value] {
    do throws(CallFailure) {
      let answer = try await call(inventory.call, nil, within: PluginHost.patienceWithInventories)
      do throws(DataError) {
        return try DataField(answer, path: "hosts").list("a list of hosts, as `hosts` of a site").map(\.value)
      } catch {
        throw failure(of: inventory, error)
      }
    } catch {
      throw told(error, of: inventory.call)
    }
  }

  /// A mistake in what an inventory answered, with plugin, file and line.
  package func failure(of inventory: PluginInventory, _ error: DataError) -> CallFailure {
    let place = place(of: inventory).description
    return CallFailure(
      .invalid,
      .faulty,
      code: "plugin.inventory",
      message: "\(inventory.described): \(error.path): expected \(error.expected), got \(error.got)",
      hint: error.hint,
      trace: [place]
    )
  }

  /// The line of its function.
  package func place(of inventory: PluginInventory) -> SourcePlace {
    entry(inventory.plugin)?.code?.file.place("inventories.\(inventory.name)")
      ?? SourcePlace(file: "\(entry(inventory.plugin)?.plugin.path ?? inventory.plugin)/init.lua", line: 1)
  }
}
