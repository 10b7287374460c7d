/// Everything that `opsh lint` looks for; the raw value is the name in its output.
package enum LintRule: String, Sendable, CaseIterable, Codable {
  case unreadable
  case syntax
  case load
  case headerMissing = "header-missing"
  case headerUnknown = "header-unknown"
  case headerWrong = "header-wrong"
  case noOwner = "no-owner"
  case noSummary = "no-summary"
  case noReview = "no-review"
  case staleReview = "stale-review"
  case parameterUnused = "parameter-unused"
  case parameterUndeclared = "parameter-undeclared"
  case globalRead = "global-read"
  case globalWrite = "global-write"
  case unknownPrimitive = "unknown-primitive"
  case unknownOption = "unknown-option"
  case missingOption = "missing-option"
  case effectUndeclared = "effect-undeclared"
  case effectUnused = "effect-unused"
  case capabilityUndeclared = "capability-undeclared"
  case checkWrites = "check-writes"
  case lockNarrow = "lock-narrow"
  case jobMethod = "job-method"
  case jobOption = "job-option"
  case stepName = "step-name"
  case stepRepeated = "step-repeated"
  case stepComputed = "step-computed"
  case patternKill = "pattern-kill"
  case shellQuoting = "shell-quoting"
  case versionUnchanged = "version-unchanged"
  case versionUnlisted = "version-unlisted"
  case versionsFile = "versions-file"
  case luacheck

  /// How bad a finding is, unless the rule's line says otherwise.
  package enum Severity: String, Sendable, Codable {
    case error, warning
  }

  package var severity: Severity {
    switch self {
    case .noSummary, .noReview, .staleReview, .parameterUnused, .effectUnused, .lockNarrow, .stepComputed,
      .shellQuoting, .luacheck:
      .warning
    default: .error
    }
  }

  /// What the rule says, in one sentence for the reference.
  package var summary: String {
    switch self {
    case .unreadable: "The file can be read and is UTF-8 text."
    case .syntax: "The file is valid Lua, command forms included."
    case .load: "Loading the file finishes, raises no error and calls no primitive."
    case .headerMissing: "A runbook has a version and a run function; nested tables have their required fields."
    case .headerUnknown: "The header has no unknown fields."
    case .headerWrong: "Every header field has a value of its type."
    case .noOwner: "The runbook has an owner."
    case .noSummary: "The runbook has a one-line summary."
    case .noReview: "The runbook says when it was updated and when it is due for review."
    case .staleReview: "The review is not overdue."
    case .parameterUnused: "Every declared parameter is used."
    case .parameterUndeclared: "Every parameter that is used is declared."
    case .globalRead: "Every name that is read is local, part of Lua or part of opsh."
    case .globalWrite: "No global name is assigned."
    case .unknownPrimitive: "A name under fleet and the other modules is a primitive."
    case .unknownOption: "A call names only arguments that the primitive has."
    case .missingOption: "A call gives every argument that the primitive needs."
    case .effectUndeclared: "The header declares every effect of the primitives reached by run and undo."
    case .effectUnused: "The runbook uses every effect it declares; not checked when it requires modules."
    case .capabilityUndeclared: "A plugin calls only what its capabilities cover (`opsh plugin check`)."
    case .checkWrites: "The check and verify functions reach only primitives that read."
    case .lockNarrow: "A lock that names hosts literally covers the hosts named literally in run and undo."
    case .jobMethod: "Every method called on the job exists."
    case .jobOption: "Calls on the job use only options the method has."
    case .stepName: "Step names are a few words without / ~ or #, at most 120 bytes."
    case .stepRepeated:
      "No two steps in a scope have the same name; a step in a loop has the loop variable in its name."
    case .stepComputed: "Step names are literals or built from a loop variable."
    case .patternKill: "No command kills processes by a pattern (pkill, killall)."
    case .shellQuoting: "Commands are lists of words, not concatenated strings or strings quoted twice."
    case .versionUnchanged: "A runbook that changed since VERSIONS was written has a higher version."
    case .versionUnlisted: "VERSIONS lists the runbook's version; only a warning if the folder has no such file."
    case .versionsFile: "VERSIONS is sorted, with one line `name version sha256` for each runbook."
    case .luacheck: "luacheck reports nothing, if it is installed."
    }
  }
}
