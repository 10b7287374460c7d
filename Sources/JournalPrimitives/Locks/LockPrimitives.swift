import PrimitiveKit
import Runs

/// Who may change what, and locks that a person takes by hand.
struct LockPrimitives: Sendable {
  let locks: LocksByHand

  var all: [Primitive] {
    [
      Primitive(
        "locks",
        "Lists what is locked now, and by whom.",
        effect: .reads,
        returns: "One record per scope",
        examples: [Example("locks()", "who is working where")],
        topics: ["lease", "holder", "lock", "epoch"]
      ) { () async throws(CallFailure) in
        try await locks.list()
      },

      Primitive(
        "lock.take",
        "Locks part of the fleet by hand. The lock stays until you release it; no run waits for it.",
        effect: .administers,
        Parameter<LockPath>("scope", "fleet, host/NAME, environment/NAME, system/NAME, database/NAME …"),
        Parameter<String>("reason", "Why; shown to everybody who runs into the lock"),
        returns: "One record per scope",
        examples: [Example(#"lock.take<scope="host/web002", reason="its clock is wrong">"#, "keep runs off one host")],
        topics: ["freeze", "stop", "maintenance"]
      ) { path, reason async throws(CallFailure) in
        try await locks.take(path.scope, reason: reason)
      },

      Primitive(
        "lock.release",
        "Releases a lock you took by hand.",
        effect: .administers,
        Parameter<LockPath>("scope", "The scope, as it was taken"),
        returns: "The scopes that are no longer locked",
        examples: [
          Example(
            #"lock.take<scope="host/web001", reason="a look"> lock.release<scope="host/web001">"#,
            "when you are done"
          )
        ],
        topics: ["unlock"]
      ) { path async throws(CallFailure) in
        try await locks.release(path.scope)
      },

      Primitive(
        "lock.break",
        "Breaks a lock held by somebody else; a run that held it stops before its next change.",
        effect: .administers,
        Parameter<LockPath>("scope", "The scope, as `locks()` shows it"),
        Parameter<String>("reason", "Why; recorded in the audit"),
        Parameter<String>("spoke_to", default: "", "Who agreed: needed for a lock another person took by hand"),
        returns: "The scopes that are no longer locked",
        examples: [
          Example(
            #"lock.take<scope="host/web001", reason="a look"> lock.break<scope="host/web001", reason="forgotten">"#,
            "one of your own"
          )
        ],
        topics: ["unlock", "steal", "stuck"]
      ) { path, reason, spokeTo async throws(CallFailure) in
        try await locks.breakLock(path.scope, reason: reason, spokeTo: spokeTo)
      },

      Primitive(
        "lock.reset_epoch",
        "Resets epochs that a wrong clock set far ahead, in the journal and on the hosts that obeyed them.",
        effect: .administers,
        Parameter<String>("on", "The hosts, as a set, or another scope such as database/NAME"),
        Parameter<String>("reason", "Why; recorded in the audit"),
        returns: "One record per host or database",
        examples: [
          Example(#"lock.reset_epoch<on="web001", reason="its clock was wrong">"#, "after its clock is corrected")
        ],
        topics: ["epoch", "clock", "stale", "fence"]
      ) { on, reason async throws(CallFailure) in
        try await locks.resetEpochs(on: on, reason: reason)
      },
    ]
  }
}
