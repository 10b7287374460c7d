import Foundations
import LuaRuntime
package import PrimitiveKit
import Site
import Synchronization

/// What plugins measure.
extension PluginHost {
  /// The checks that the manifests promise: PLUGIN.NAME, or SYSTEM.NAME for each system that the plugin serves.
  ///
  /// Those of a plugin that could not be loaded are among them: they are UNKNOWN, so no gate passes for want of them. Where
  /// its manifest cannot be read, one check stands for all that it may have: PLUGIN.plugin, or SYSTEM.plugin.
  package var checks: [Check] {
    missing.sorted { $0.key.key < $1.key.key }.map(absent)
      + plugins.flatMap { plugin in
        let served: [String?] = systems.seen(by: plugin.id).systems.map(\.name)
        // One that serves systems measures nothing where the site has none of them.
        let subjects = served.isEmpty && plugin.system == nil ? [nil] : served
        guard let manifest = plugin.manifest else { return subjects.map { lost(plugin, for: $0) } }
        return manifest.provides.checks.flatMap { promise in
          subjects.map { check(promise, of: plugin, for: $0) }
        }
      }
  }

  /// What stands for the hosts that an inventory has not answered: no gate passes for want of them.
  private func absent(_ inventory: PluginInventory, _ failure: CallFailure) -> Check {
    let declaration = CheckDeclaration(
      "\(inventory.plugin).\(inventory.name).hosts",
      "Hosts of an inventory that are missing from the site",
      ok: [.equals(0)]
    )
    return Check(declaration, origin: { inventory.described }) { _ throws(CallFailure) in
      throw CallFailure(
        .unavailable,
        code: "plugin.inventory",
        message: "the hosts of \(inventory.described) are missing: \(failure.placed)",
        hint: failure.hint
      )
    }
  }

  /// What stands for the checks of a plugin of which nothing is known.
  private func lost(_ plugin: LoadedPlugin, for system: String?) -> Check {
    let prefix = system ?? plugin.id
    let declaration = CheckDeclaration(
      "\(prefix).plugin",
      "Checks of a plugin that cannot be loaded",
      ok: [.equals(0)],
      system: system ?? ""
    )
    let origin = "plugin '\(plugin.id)', \(plugin.path)/plugin.lua"
    return Check(declaration, standsFor: prefix, origin: { origin }) { _ throws(CallFailure) in
      throw PluginHost.notLoaded(plugin.id, plugin.problem ?? PluginHost.unbound)
    }
  }

  private func check(_ promise: CheckPromise, of plugin: LoadedPlugin, for system: String?) -> Check {
    let called = PluginCall(id: plugin.id, section: "checks", name: promise.name, effect: .reads)
    let declaration = system.map { promise.declaration.named("\($0).\(promise.name)", of: $0) } ?? promise.declaration
    return Check(
      declaration,
      origin: { self.origin(of: called, plugin) },
      keptByOthers: { (self.engine.withLock { $0 }?.kept ?? [:]).filter { $0.key != plugin.id } }
    ) { call throws(CallFailure) in
      try await self.measure(called, plugin, for: system, within: call.deadline)
    }
  }

  /// Throws what the function raises and what is wrong with its answer, each with plugin, file and line.
  private func measure(
    _ call: PluginCall,
    _ plugin: LoadedPlugin,
    for system: String?,
    within deadline: Duration
  ) async throws(CallFailure) -> [Measured] {
    do throws(CallFailure) {
      let answer = try await self.call(call, .table(["deadline": .number(deadline.seconds)]), for: system)
      do throws(DataError) {
        return try MeasuredAnswer(answer).measured.map { $0.telling(origin(of: call, plugin)) }
      } catch {
        var failure = CallFailure(.failed, .faulty, code: "check.answer", message: MeasuredAnswer.words(error))
        failure.trace = [place(of: call, plugin)]
        note(failure, of: call)
        throw failure
      }
    } catch {
      guard error.failureClass != .cancelled else { throw error }
      throw told(error, of: call)
    }
  }

  private func origin(of call: PluginCall, _ plugin: LoadedPlugin) -> String {
    "plugin '\(plugin.id)', \(place(of: call, plugin))"
  }

  /// The line of the function that measures.
  private func place(of call: PluginCall, _ plugin: LoadedPlugin) -> String {
    entry(plugin.id)?.code.map { "\($0.file.place("\(call.section).\(call.name)"))" } ?? "\(plugin.path)/init.lua"
  }
}

extension Measured {
  /// The same, saying whose measurement gave no value.
  fileprivate func telling(_ origin: String) -> Measured {
    guard value == nil else { return self }
    var told = self
    told.note = "\(note) (\(origin))"
    return told
  }
}
