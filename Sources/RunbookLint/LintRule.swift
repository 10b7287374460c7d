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
    case .syntax: "The file is Lua, command forms included."
    case .load: "Loading the file ends, raises nothing and calls no primitive."
    case .headerMissing: "A runbook has a version and a function run; nested tables have their required fields."
    case .headerUnknown: "The header has no fields that opsh does not know."
    case .headerWrong: "Every field of the header has a value of its type."
    case .noOwner: "Somebody owns the runbook."
    case .noSummary: "The runbook says in one line what it does."
    case .noReview: "The runbook says when it was updated and when it is to be reviewed."
    case .staleReview: "The day of review has not passed."
    case .parameterUnused: "Every declared parameter is used."
    case .parameterUndeclared: "Every parameter that is used is declared."
    case .globalRead: "Every name that is read is a local one, a part of Lua or a part of opsh."
    case .globalWrite: "Nothing is written to a global name."
    case .unknownPrimitive: "A name under fleet and the other modules is a primitive."
    case .unknownOption: "A call names only arguments that the primitive has."
    case .missingOption: "A call gives every argument that the primitive needs."
    case .effectUndeclared: "The header declares every effect of the primitives that run and undo reach."
    case .effectUnused: "The runbook has a use for every effect it declares; not looked at when it requires modules."
    case .checkWrites: "The functions check and verify reach no primitive that does more than read."
    case .lockNarrow: "A lock on hosts that are written out covers the hosts that run and undo write out."
    case .jobMethod: "A method that is called on the job exists."
    case .jobOption: "A call on the job names only options that the method has."
    case .stepName: "The name of a step is a few words without / ~ or #, at most 120 bytes long."
    case .stepRepeated:
      "No two steps of one scope have the same name; a step in a loop has the loop's variable in its name."
    case .stepComputed: "The name of a step is a literal or built from the variable of a loop."
    case .patternKill: "No command kills processes by a pattern (pkill, killall)."
    case .shellQuoting: "Commands are lists of words, not texts put together or quoted twice."
    case .versionUnchanged: "A runbook that changed since VERSIONS was written has a greater version."
    case .versionUnlisted: "VERSIONS lists the runbook's version; a warning where the folder has no such file."
    case .versionsFile: "VERSIONS is sorted, with one line `name version sha256` for each runbook."
    case .luacheck: "luacheck finds nothing, where it is installed."
    }
  }
}
