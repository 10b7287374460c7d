package import PrimitiveKit

extension PluginHost: HookRunner {
  package func plugins(with point: HookPoint) -> [String] {
    // One that could not be loaded is asked, too: its answer is why.
    plugins.filter { $0.manifest?.provides.hooks.contains(point.name) == true }.map(\.id)
  }

  package func ask(_ point: HookPoint, _ subject: Value) async -> [HookAnswer] {
    var answers: [HookAnswer] = []
    for id in plugins(with: point) {
      let call = PluginCall(id: id, section: "hooks", name: point.name, effect: point.effect)
      let result = await CallFailure.result { () async throws(CallFailure) in
        try await self.call(call, subject, within: point.deadline)
      }
      answers.append(HookAnswer(plugin: id, result.mapError { told($0, of: call) }))
    }
    return answers
  }

  /// The failure with plugin, file and line in front.
  func told(_ failure: CallFailure, of call: PluginCall) -> CallFailure {
    var told = failure
    let placed = failure.placed
    // Budgets, capabilities and health name the plugin themselves.
    told.message = placed.contains("plugin '\(call.id)'") ? placed : "plugin '\(call.id)': \(placed)"
    return told
  }
}
