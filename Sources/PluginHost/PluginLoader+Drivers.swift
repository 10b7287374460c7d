import Foundation
import Foundations
import LuaRuntime
import PrimitiveKit

/// Reads what `init.lua` says of runtimes and transports: data, which is kept for the emergency stop.
extension PluginLoader {
  /// What the drivers of a plugin follow from: its files and its settings; nil where they cannot be told apart.
  func digest(ofDrivers path: String, _ config: Value) -> String? {
    guard let files = (try? SealedFiles(path))?.text else { return nil }
    return SHA256(hashing: files + Array(config.literal.utf8)).hex
  }

  /// What `init.lua` answers, compared with what the manifest promises.
  func drivers(_ manifest: PluginManifest, _ path: String) async throws(CallFailure) -> (LuaField, PluginFile) {
    let file = try PluginFile("\(path)/init.lua")
    let authority = try await engine.authority(named: manifest.id, permit: { _, _ in }, modules: [path])
    do throws(CallFailure) {
      let module = try await engine.load(module: file.source, name: "@\(file.path)", authority: authority)
      try PluginPromise(manifest: manifest, file: file).check(module)
      return (module, file)
    } catch {
      throw file.telling(error)
    }
  }

  func runtimes(
    _ manifest: PluginManifest,
    _ loaded: (LuaField, PluginFile),
    config: Value,
    path: String
  ) async throws(CallFailure) -> [RuntimeDriver] {
    let (module, file) = loaded
    var runtimes: [RuntimeDriver] = []
    for name in manifest.provides.runtimes {
      guard let entry = module["runtimes"]?[name] else {
        throw file.failure(
          at: "runtimes",
          "plugin.lua promises the runtime '\(name)', which is not returned",
          hint: "return { runtimes = { \(name) = { script = \"driver.sh\", verbs = { … } } } }"
        )
      }
      let script = try scripts(entry, of: name, file, path)
      var environment = entry["environment"]?.data ?? .table([:])
      if let function = entry["environment"]?.function {
        do throws(CallFailure) {
          environment = try await engine.call(function, [config]).first ?? .null
        } catch {
          throw file.telling(error)
        }
      }
      do throws(DataError) {
        runtimes.append(
          try RuntimeDriver(
            name: name,
            script: script,
            declared: DataField(entry.data, path: "runtimes.\(name)"),
            environment: DataField(environment, path: "runtimes.\(name).environment")
          )
        )
      } catch {
        throw file.failure(error)
      }
    }
    return runtimes
  }

  /// The text of a runtime's driver: one file next to `init.lua`, or several that are joined in their order.
  private func scripts(
    _ entry: LuaField,
    of name: String,
    _ file: PluginFile,
    _ path: String
  ) throws(CallFailure) -> String {
    let given = entry["script"]?.data
    var names: [Value] = []
    switch given {
    case .string(let one)?: names = [.string(one)]
    case .array(let several)?: names = several
    default: break
    }
    var texts: [String] = []
    for case .string(let script) in names where !script.contains("/") {
      texts.append(try PluginFile("\(path)/\(script)").source)
    }
    guard !names.isEmpty, texts.count == names.count else {
      throw file.failure(
        at: "runtimes.\(name).script",
        "expected the name of a file next to it, or a list of names, got \(given?.literal ?? "nothing")",
        hint: nil
      )
    }
    return texts.joined(separator: "\n")
  }

  func transports(
    _ manifest: PluginManifest,
    _ loaded: (LuaField, PluginFile),
    config: Value,
    path: String
  ) async throws(CallFailure) -> [String: TransportProgram] {
    let (module, file) = loaded
    let folder = ScriptFolder.joining(FileManager.default.currentDirectoryPath, path)
    var transports: [String: TransportProgram] = [:]
    for name in manifest.provides.transports {
      guard let entry = module["transports"]?[name], case .table = entry else {
        throw file.failure(
          at: "transports",
          "plugin.lua promises the transport '\(name)', which is not returned",
          hint: "return { transports = { \(name) = { command = { \"PROGRAM\", …, \"%c\" } } } }"
        )
      }
      var command = entry["command"]?.data ?? .null
      if let function = entry["command"]?.function {
        do throws(CallFailure) {
          command = try await engine.call(function, [config]).first ?? .null
        } catch {
          throw file.telling(error)
        }
      }
      do throws(DataError) {
        let field = DataField(entry.data, path: "transports.\(name)")
        try field.allow(["command"])
        let program = try TransportProgram(reading: DataField(command, path: "\(field.path).command"))
        transports[name] = program.located(in: folder)
      } catch {
        throw file.failure(error)
      }
    }
    return transports
  }
}
