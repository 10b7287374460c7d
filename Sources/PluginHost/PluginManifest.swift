package import PrimitiveKit
import RunbookHeader
import Site

/// What `plugin.lua` says: pure data, read before any code of the plugin (DESIGN section 11).
package struct PluginManifest: Sendable, Equatable {
  /// The level of this opsh; it accepts the one before, too.
  package static let level = 2

  package let id: String
  package let version: String
  package let summary: String
  /// The level that it was written for.
  package let api: Int
  package let capabilities: Set<Capability>
  let config: [ConfigField]
  package let provides: Contributions

  /// One setting of a plugin.
  struct ConfigField: Equatable {
    let name: String
    let type: String
    let fallback: Value
    let help: String
    let path: String
  }

  /// Reads and checks the manifest; throws the first mistake with its field.
  init(reading file: DataField, folder: String, types: SettingTypes) throws(DataError) {
    guard case .table = file.value else { throw file.wrong("a table with id, version, api, summary and provides") }
    api = try PluginManifest.level(file)
    try file.allow(["id", "version", "api", "summary", "license", "capabilities", "config", "provides"])
    let name = try file.required("id", "the name of its folder, \"\(folder)\"")
    id = try name.plainName("the name of its folder, \"\(folder)\"")
    guard id == folder else { throw name.wrong("the name of its folder, \"\(folder)\"", hint: "rename one of the two") }
    let version = try file.required("version", "three numbers such as \"1.0.0\"")
    self.version = try version.string("three numbers such as \"1.0.0\"")
    guard SemanticVersion(self.version) != nil else { throw version.wrong("three numbers such as \"1.0.0\"") }
    summary = try file.required("summary", "one line of text").string("one line of text")
    _ = try file.optional("license")?.string("the name of a license")
    capabilities = try PluginManifest.capabilities(file, api)
    config = try PluginManifest.config(file.optional("config"), types)
    provides = try Contributions(reading: file.optional("provides"), of: id)
    if !provides.transports.isEmpty, !capabilities.contains(.programs) {
      throw DataError(
        path: "provides.transports",
        expected: "the capability \"programs\", for a transport runs a program of this machine",
        got: "a manifest without it",
        hint: "add \"programs\" to `capabilities`"
      )
    }
  }

  private static func level(_ file: DataField) throws(DataError) -> Int {
    let expected = "\(level)"
    let field = try file.required("api", expected)
    guard case .int(let found) = field.value, found == level || found == level - 1 else {
      let isNewer = if case .int(let found) = field.value { found > level } else { false }
      throw field.wrong(
        "\(level) or \(level - 1)",
        hint: isNewer
          ? "it was written for a newer opsh: install that, or an older version of the plugin"
          : "write `api = \(level)`"
      )
    }
    return found
  }

  private static func capabilities(_ file: DataField, _ api: Int) throws(DataError) -> Set<Capability> {
    guard let field = file.optional("capabilities") else { return [] }
    // What level 1 called the right of a runtime to run its driver, which every runtime has.
    let known = Capability.allCases.map(\.rawValue) + (api < level ? ["host:script"] : [])
    return Set(try field.words("capabilities", from: known).compactMap(Capability.init(rawValue:)))
  }

  /// The settings of one of its systems: what the site says of it, else of the plugin, and defaults for the rest.
  ///
  /// Throws a `DataError` with the field of the site.
  func settings(of system: SystemSettings.Entry, _ common: Value, _ types: SettingTypes) throws(DataError) -> Value {
    let names = config.map(\.name)
    for key in system.config.keys.sorted() where !names.contains(key) {
      let known = (SystemSettings.ownFields + names).sorted()
      throw DataError(
        path: "\(system.path).\(key)",
        expected: "a setting of plugin '\(id)'",
        got: "'\(key)'",
        hint: NearestName.question(for: key, in: known) ?? "the fields are \(known.joined(separator: ", "))"
      )
    }
    var settings: [String: Value] = [:]
    for field in config {
      let value = system.config[field.name] ?? (common[field.name] == .null ? field.fallback : common[field.name])
      if let flaw = types.flaw(of: value, type: field.type) {
        throw DataError(
          path: "\(system.path).\(field.name)",
          expected: flaw,
          got: value == .null ? "nothing" : value.literal,
          hint: field.help.isEmpty ? nil : field.help
        )
      }
      settings[field.name] = value
    }
    return .table(settings)
  }

  /// The settings for this plugin: what the site gives, defaults for the rest.
  ///
  /// What must be set may be missing where each of its systems sets it. Throws `plugin.config`.
  func settings(
    _ given: Value,
    _ types: SettingTypes,
    manifest: PluginFile,
    isForSystems: Bool = false
  ) throws(CallFailure) -> Value {
    guard case .table(let fields) = given == .null ? .table([:]) : given else {
      throw CallFailure(
        .invalid,
        code: "plugin.config",
        message: "the settings of plugin '\(id)' in the site should be a table, got \(given.typeName)",
        hint: config.isEmpty ? "it has none" : "its settings: \(config.map(\.name).joined(separator: ", "))"
      )
    }
    let names = config.map(\.name)
    if let unknown = fields.keys.sorted().first(where: { !names.contains($0) }) {
      throw CallFailure(
        .invalid,
        code: "plugin.config",
        message: "the plugin '\(id)' has no setting '\(unknown)'",
        hint: NearestName.question(for: unknown, in: names)
          ?? (names.isEmpty ? "it has none" : "its settings: \(names.joined(separator: ", "))")
      )
    }
    var settings: [String: Value] = [:]
    for field in config {
      if let value = fields[field.name] {
        settings[field.name] = try types.check(value, field, of: id)
      } else if let flaw = types.flaw(of: field.fallback, type: field.type) {
        guard field.fallback == .null else {
          throw manifest.failure(
            at: "\(field.path).default",
            "expected \(flaw), got \(field.fallback.literal)",
            hint: nil
          )
        }
        if isForSystems { continue }
        throw CallFailure(
          .invalid,
          code: "plugin.config",
          message: "the site does not set '\(field.name)' of plugin '\(id)', which has no default",
          hint: "set it to \(flaw)" + (field.help.isEmpty ? "" : ": \(field.help)")
        )
      } else {
        settings[field.name] = field.fallback
      }
    }
    return .table(settings)
  }

  /// Settings that stand for those a site has to give, to load the plugin without one.
  package var sampleSettings: Value {
    var samples: [String: Value] = [:]
    for field in config where field.fallback == .null { samples[field.name] = PluginManifest.samples[field.type] }
    return .table(samples)
  }

  private static let samples: [String: Value] = [
    "text": .string("x"), "integer": .int(1), "number": .number(1), "boolean": .bool(true), "duration": .string("1s"),
    "path": .string("/tmp"), "url": .string("https://example.invalid"), "host": .string("web1"),
    "bots": .string("bot1"),
  ]

  private static func config(_ field: DataField?, _ types: SettingTypes) throws(DataError) -> [ConfigField] {
    guard let field else { return [] }
    let example = "a setting such as { \"root\", type = \"path\", default = \"~/bots\" }"
    var fields: [ConfigField] = []
    for entry in try field.list("a list of settings") {
      guard case .table = entry.value else { throw entry.wrong(example) }
      // A declaration mixes both kinds of key, so its first element reads as the field "1".
      try entry.allow(["1", "name", "type", "default", "help"])
      let named = entry.optional("1") ?? entry.optional("name")
      guard let name = try named?.plainName("the name of a setting") else { throw entry.wrong(example) }
      guard !fields.contains(where: { $0.name == name }) else {
        throw entry.wrong("one setting '\(name)'", hint: "it is declared twice")
      }
      let type = try entry.required("type", "the type of the setting")
      fields.append(
        ConfigField(
          name: name,
          type: try types.known(type),
          fallback: entry.value["default"],
          help: try entry.optional("help")?.string("one line of text") ?? "",
          path: entry.path
        )
      )
    }
    return fields
  }
}
