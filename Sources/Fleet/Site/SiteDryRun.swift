package import PrimitiveKit

/// What dry runs of a site take where the command line says nothing.
package struct SiteDryRun: Sendable, Equatable {
  /// The directory of the recording that stands for the fleet, as the site names it; nil reads the fleet.
  package var recording: String?
  /// Values of parameters: by the name of the runbook, then of the parameter.
  package var arguments: [String: [String: Value]]

  package init(recording: String? = nil, arguments: [String: [String: Value]] = [:]) {
    self.recording = recording
    self.arguments = arguments
  }
}

extension SiteDryRun {
  /// Reads the table of the site; what runbooks declare is compared when one is run.
  init(_ field: SiteField?) throws(SiteError) {
    self.init()
    guard let field else { return }
    try field.allow(["arguments", "recording"])
    recording = try field.optional("recording")?.string("the directory of a recording")
    for (name, table) in try field.optional("arguments")?.entries("a table of arguments by runbook") ?? [] {
      var values: [String: Value] = [:]
      for (key, argument) in try table.entries("a table of arguments by parameter") { values[key] = argument.value }
      arguments[name] = values
    }
  }
}
