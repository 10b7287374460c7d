import Foundations
import PrimitiveKit

/// The types that settings of plugins may have: those of everybody, and those that domains register.
struct SettingTypes {
  private let registered: [ConfigType]
  private let site: any SiteNames
  private let judgesNames: Bool

  /// Without `judgesNames` what names hosts, bots and the like of the site is taken as it is: there is no site yet.
  init(_ registered: [ConfigType], site: any SiteNames, judgesNames: Bool = true) {
    self.registered = registered
    self.site = site
    self.judgesNames = judgesNames
  }

  private static let common = [
    "boolean", "bots", "duration", "host", "integer", "number", "path", "string", "text", "url",
  ]

  /// The name of a type that is known; throws a mistake that names the nearest.
  func known(_ field: DataField) throws(DataError) -> String {
    let name = try field.string("the type of the setting")
    let names = (SettingTypes.common + registered.map(\.name)).sorted()
    guard !names.contains(name) else { return name }
    throw field.wrong(
      "the type of the setting",
      hint: NearestName.question(for: name, in: names) ?? "the types are \(names.joined(separator: ", "))"
    )
  }

  /// The value of a setting; throws `plugin.config` for one that is not of its type.
  func check(_ value: Value, _ field: PluginManifest.ConfigField, of plugin: String) throws(CallFailure) -> Value {
    guard let expected = flaw(of: value, type: field.type) else { return value }
    throw CallFailure(
      .invalid,
      code: "plugin.config",
      message: "the setting '\(field.name)' of '\(plugin)' should be \(expected), got \(value.literal)",
      hint: field.help.isEmpty ? nil : field.help
    )
  }

  /// What a value of the type should be; nil when this is one.
  func flaw(of value: Value, type: String) -> String? {
    if let own = registered.first(where: { $0.name == type }) { return judgesNames ? own.flaw(value, site) : nil }
    if !judgesNames, ["host", "bots"].contains(type), case .string = value { return nil }
    switch (type, value) {
    case ("string", .string), ("text", .string), ("path", .string), ("number", .number), ("number", .int),
      ("integer", .int), ("boolean", .bool):
      return nil
    case ("url", .string(let text)) where text.contains("://"): return nil
    case ("duration", _) where (try? Duration(value)) != nil: return nil
    case ("host", .string(let name)) where site.hostNames.contains(name): return nil
    case ("bots", .string(let selector)) where (try? site.bots(selecting: selector)) != nil: return nil
    case ("url", _): return "a URL such as https://example.org"
    case ("duration", _): return "a duration such as 30 or \"1m30s\""
    case ("host", _): return "the name of a host of the site"
    case ("bots", _): return "a set of bots of the site"
    case ("integer", _): return "a whole number"
    default: return "a \(type)"
    }
  }
}
