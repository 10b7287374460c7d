package import PrimitiveKit

/// What a site says of checks: how it judges some of them itself, which must pass before more is changed, and who is told.
package struct CheckSettings: SiteSection {
  package static let keys: [DataKey] = [
    DataKey("checks", "Checks of this site, and how it judges others, by name"),
    DataKey("gates", "Checks that must not be BAD or UNKNOWN between waves and before runbooks"),
    DataKey("notifiers", "Programs that are told of findings, by name"),
    DataKey("routes", "Who is told of which findings"),
  ]

  var overrides: [String: CheckOverride] = [:]
  /// Checks of the site itself, by name.
  var own: [String: SiteCheck] = [:]
  /// Names or patterns of checks.
  var gates: [String] = []
  var routes: [Route] = []
  package private(set) var programs: [NotifierProgram] = []

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    for (name, field) in try file.optional("checks")?.entries("a table of checks by name") ?? [] {
      if field.optional("kind") != nil {
        own[name] = try SiteCheck(reading: field, name: name, in: site)
      } else {
        try field.allow(CheckOverride.fields + ["kind"])
        overrides[name] = try CheckOverride(reading: field)
      }
    }
    gates = try file.optional("gates")?.texts("a list of names of checks") ?? []
    for (name, field) in try file.optional("notifiers")?.entries("a table of notifiers by name") ?? [] {
      if name == "notify", file.optional("notify") != nil {
        throw field.wrong("another name", hint: "`notify` of the site is called so already")
      }
      programs.append(try NotifierProgram(reading: field, name: name))
    }
    for field in try file.optional("routes")?.list("a list of routes") ?? [] {
      routes.append(try Route(reading: field))
    }
  }
}
