package import PrimitiveKit

/// How bots run on a host: the host script with the driver functions of a plugin.
package struct Runtime: Sendable, Codable, Equatable {
  package let name: String
  package let script: HostScript

  package init(name: String, script: HostScript) {
    self.name = name
    self.script = script
  }

  /// What every host can do without a plugin: commands, locks and fences; throws `script.*`.
  package static func core() throws(CallFailure) -> Runtime {
    do {
      return Runtime(name: "core", script: try composedCore.get())
    } catch {
      throw CallFailure(error)
    }
  }

  private static let composedCore = Result { () throws(HostScriptError) in
    try HostScript(driver: "driver_open() { :; }")
  }
}

extension Surroundings {
  private enum RuntimesKey: SurroundingsKey {
    static var fallback: [String: Runtime] { [:] }
  }

  /// How bots run, by the name of the runtime; from plugins.
  package var runtimes: [String: Runtime] {
    get { self[RuntimesKey.self] }
    set { self[RuntimesKey.self] = newValue }
  }
}
