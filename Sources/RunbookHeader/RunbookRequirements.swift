package import PrimitiveKit

/// What has to be there for a runbook to run.
package struct RunbookRequirements: Sendable, Equatable {
  /// Which versions of opsh will do; nil means any.
  package internal(set) var opsh: VersionRequirement?
  /// The plugins it needs, in alphabetical order, with the versions that will do; nil means any.
  package internal(set) var plugins: [Plugin] = []

  /// A plugin that has to be there.
  package struct Plugin: Sendable, Equatable {
    package let id: String
    package let versions: VersionRequirement?
  }

  /// Checks what is there: the version of opsh, and the versions of the plugins by id.
  ///
  /// Throws `runbook.requires` for the first thing that is missing.
  package func check(opsh version: SemanticVersion, plugins present: [String: String]) throws(CallFailure) {
    if let opsh, !opsh.accepts(version) {
      throw CallFailure(
        .refused,
        code: "runbook.requires",
        message: "the runbook needs opsh \(opsh); this is \(version)",
        hint: "update opsh, or run an older version of the runbook"
      )
    }
    for plugin in plugins {
      guard let found = present[plugin.id] else {
        let hint = NearestName.question(for: plugin.id, in: present.keys) ?? "`plugins()` lists what is loaded"
        throw CallFailure(
          .refused,
          code: "runbook.requires",
          message: "the runbook needs the plugin '\(plugin.id)', which is not loaded",
          hint: hint
        )
      }
      guard let versions = plugin.versions, SemanticVersion(found).map(versions.accepts) != true else { continue }
      throw CallFailure(
        .refused,
        code: "runbook.requires",
        message: "the runbook needs the plugin '\(plugin.id)' \(versions); this is \(found)",
        hint: "update the plugin"
      )
    }
  }
}
