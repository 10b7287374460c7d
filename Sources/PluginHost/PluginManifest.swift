import PrimitiveKit

/// What `plugin.lua` says: pure data, read before any code of the plugin (DESIGN section 11).
struct PluginManifest: Equatable {
  /// The levels this host accepts: its own and the one before.
  static let acceptedLevels = 0...1

  let id: String
  let version: String
  let summary: String
  let capabilities: [String]
  let config: [ConfigField]
  let runtimes: [String]

  /// One setting of a plugin.
  struct ConfigField: Equatable {
    let name: String
    let type: String
    let fallback: Value
    let help: String
  }

  /// Reads and checks the manifest; throws `plugin.invalid` with the path of what is wrong.
  init(_ value: Value, folder: String, types: SettingTypes) throws(CallFailure) {
    let allowed = ["id", "version", "api", "summary", "license", "capabilities", "config", "provides", "needs"]
    let fields = try Reader(value, path: "plugin.lua", allowed: allowed)
    id = try fields.text("id")
    guard id == folder else {
      throw Reader.invalid("plugin.lua: id", expected: "the name of its folder, '\(folder)'", got: "'\(id)'")
    }
    guard PlainName.isPlain(id) else {
      throw Reader.invalid("plugin.lua: id", expected: PlainName.expected, got: Value.string(id).literal)
    }
    version = try fields.text("version")
    let parts = version.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ UInt($0) != nil }) else {
      throw Reader.invalid("plugin.lua: version", expected: "three numbers such as 1.0.0", got: "'\(version)'")
    }
    guard case .int(let level) = value["api"], PluginManifest.acceptedLevels.contains(level) else {
      throw Reader.invalid(
        "plugin.lua: api",
        expected: "a level this opsh accepts (0 or 1)",
        got: value["api"].literal
      )
    }
    summary = try fields.text("summary")
    capabilities = try fields.texts("capabilities")
    let provides = try Reader(
      value["provides"],
      path: "plugin.lua: provides",
      allowed: ["runtimes"]
    )
    runtimes = try provides.texts("runtimes")
    config = try PluginManifest.config(value["config"], types)
  }

  /// The settings for this plugin: what the site gives, defaults for the rest.
  func settings(_ given: Value, _ types: SettingTypes) throws(CallFailure) -> Value {
    guard case .table(let fields) = given == .null ? .table([:]) : given else {
      throw Reader.invalid("runtimes.\(id)", expected: "a table of settings", got: given.typeName)
    }
    let names = config.map(\.name)
    if let unknown = fields.keys.sorted().first(where: { !names.contains($0) }) {
      throw CallFailure(
        .invalid,
        code: "plugin.config",
        message: "the plugin '\(id)' has no setting '\(unknown)'",
        hint: NearestName.question(for: unknown, in: names) ?? "its settings: \(names.joined(separator: ", "))"
      )
    }
    var settings: [String: Value] = [:]
    for field in config { settings[field.name] = try types.check(fields[field.name] ?? field.fallback, field, of: id) }
    return .table(settings)
  }

  private static func config(_ value: Value, _ types: SettingTypes) throws(CallFailure) -> [ConfigField] {
    switch value {
    case .null: return []
    case .table(let table) where table.isEmpty: return []
    case .array(let entries):
      var fields: [ConfigField] = []
      for (index, entry) in entries.enumerated() {
        let path = "plugin.lua: config[\(index + 1)]"
        // A declaration such as { "root", type = "path" } mixes both kinds of key, so the bridge hands it over as fields.
        let reader = try Reader(entry, path: path, allowed: ["1", "name", "type", "default", "help"])
        fields.append(
          ConfigField(
            name: try reader.text(entry["1"] == .null ? "name" : "1"),
            type: try types.known(try reader.text("type"), path: path),
            fallback: entry["default"],
            help: try reader.text("help")
          )
        )
      }
      return fields
    default: throw Reader.invalid("plugin.lua: config", expected: "a list of settings", got: value.typeName)
    }
  }
}

/// Reads the fields of a manifest table with errors that name the path.
struct Reader {
  let value: Value
  let path: String

  init(_ value: Value, path: String, allowed: [String]) throws(CallFailure) {
    let found = value == .null ? Value.table([:]) : value
    guard case .table(let fields) = found else {
      throw Reader.invalid(path, expected: "a table", got: value.typeName)
    }
    if let unknown = fields.keys.sorted().first(where: { !allowed.contains($0) }) {
      throw CallFailure(
        .invalid,
        code: "plugin.invalid",
        message: "\(path): unknown field '\(unknown)'",
        hint: NearestName.question(for: unknown, in: allowed) ?? "fields: \(allowed.joined(separator: ", "))"
      )
    }
    self.value = found
    self.path = path
  }

  func text(_ name: String) throws(CallFailure) -> String {
    guard case .string(let text) = value[name], !text.isEmpty else {
      throw Reader.invalid("\(path): \(name)", expected: "a string", got: value[name].literal)
    }
    return text
  }

  func texts(_ name: String) throws(CallFailure) -> [String] {
    let found = value[name]
    if found == .null { return [] }
    do {
      return try [String](found)
    } catch {
      throw Reader.invalid("\(path): \(name)", expected: "a list of strings", got: found.literal)
    }
  }

  static func invalid(_ path: String, expected: String, got: String) -> CallFailure {
    CallFailure(.invalid, code: "plugin.invalid", message: "\(path): expected \(expected), got \(got)")
  }
}
