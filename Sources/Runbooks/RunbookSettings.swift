package import PrimitiveKit

/// What a site says of its runbooks.
package struct RunbookSettings: SiteSection {
  package static let keys: [DataKey] = [
    DataKey("runbooks", "Where runbooks are, and whether they must be signed"),
    DataKey("dry_run", "Defaults for dry runs; the command line overrides them"),
    DataKey("notify", "A program to run for unanswered questions"),
  ]

  /// The folders of runbooks; empty for opsh's own choice.
  package var folders: [String] = []
  /// Whether only runbooks run that a principal of `allowed_signers` signed.
  package var signed = false
  /// What dry runs use unless the command line says otherwise.
  package var dryRun = DryRun()
  /// A program and its arguments that are told of unanswered questions; empty for none.
  package var notify: [String] = []

  /// What dry runs of a site take where the command line gives nothing.
  package struct DryRun: Sendable, Equatable {
    /// The directory of the recording that stands for the fleet, as the site names it; nil reads the fleet.
    package var recording: String?
    /// Values of parameters: by the name of the runbook, then of the parameter.
    package var arguments: [String: [String: Value]]

    package init(recording: String? = nil, arguments: [String: [String: Value]] = [:]) {
      self.recording = recording
      self.arguments = arguments
    }
  }

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    if let field = file.optional("runbooks") {
      try field.allow(["folders", "signed"])
      folders = try field.optional("folders")?.texts("a folder, or a list of folders") ?? []
      signed = try field.optional("signed")?.bool() ?? false
    }
    dryRun = try DryRun(file.optional("dry_run"))
    if let field = file.optional("notify") {
      notify = try field.texts("a program, or a list of a program and its arguments")
      if notify.isEmpty { throw field.wrong("a program, or a list of a program and its arguments") }
    }
  }
}

extension RunbookSettings.DryRun {
  /// Reads the table of the site; what runbooks declare is compared when one is run.
  fileprivate init(_ field: DataField?) throws(DataError) {
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
