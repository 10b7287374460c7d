/// What kind of failure it is: exit codes, unknown outcomes and what stops a run follow from it (DESIGN section 6).
package enum FailureClass: String, Sendable, Codable, CaseIterable {
  /// The command line is wrong.
  case usage
  /// A script, a site, a file or an argument of a primitive is wrong.
  case invalid
  /// Somebody or something forbids it: a lock, a gate, an approval, a host; nothing was done.
  case refused
  /// What it is about cannot be reached; nothing can have happened.
  case unavailable
  /// It was done and did not succeed.
  case failed
  /// It may have happened.
  case unknownOutcome = "unknown_outcome"
  /// An operator gave it up before it was done.
  case cancelled
  /// The journal or the lock failed, not what was to be recorded.
  case journal
  /// A mistake of opsh.
  case defect
}

/// What opsh itself tells a failure by, where its class is not enough.
///
/// Codes are for people and for `pcall`; nothing inside opsh decides by them.
package enum FailureMark: String, Sendable, Codable, CaseIterable {
  /// The caller gave up waiting; with the class `unknownOutcome` what was sent may still be at work.
  case cancelled
  /// The operator stopped the whole run, which can be resumed.
  case interrupted
  /// The run was given up while something that it began is still at work.
  case detached
  /// A budget or a gate stopped a rollout.
  case halted
  /// A plan met a value that is only known once something was done.
  case unpredictable
  /// Somebody else holds the lock by now: the lease ran out, or a host has obeyed a newer epoch.
  case lockLost = "lock_lost"
  /// The run may begin once somebody has approved its plan.
  case awaitsApproval = "awaits_approval"
  /// Nothing of the run can be undone.
  case nothingToUndo = "nothing_to_undo"
  /// Somebody's stop mark keeps it from being done, on purpose.
  case withheld
  /// Somebody else was quicker to answer the question.
  case answered
  /// The time was up before the host said how it ended.
  case timedOut = "timed_out"
  /// A limit or a fault of this machine, or of opsh itself: nothing was sent, and the host has no part in it.
  case local
  /// The host never began what it is asked about.
  case notBegun = "not_begun"
  /// The host could not keep what it has to keep before it begins.
  case notKept = "not_kept"
  /// What the host script itself said cannot be relied on, so nothing is known of what it was asked about.
  case unreadable
  /// The journal is damaged.
  case damaged
  /// The journal can be read and not written.
  case readOnly = "read_only"
  /// The journal was moved to another place.
  case moved
  /// The journal was written by a newer opsh.
  case newerSchema = "newer_schema"
  /// The journal cannot be migrated while a run of an older opsh works with it.
  case inUse = "in_use"
  /// A change was sent, and its outcome could not be recorded.
  case unrecorded
  /// The code of a plugin is wrong: it made a mistake of Lua, used more than its budget, or went beyond its capabilities.
  case faulty
  /// Code called what its caller does not allow: time does not mend that.
  case notAllowed = "not_allowed"
  /// A text is no Lua.
  case syntax
  /// A text is no Lua yet: more lines may complete it.
  case unclosed
}
