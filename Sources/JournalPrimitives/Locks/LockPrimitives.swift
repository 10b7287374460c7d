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
        returns: "One record a scope",
        examples: [Example("locks()", "who works where")],
        topics: ["lease", "holder", "lock", "epoch"]
      ) { () async throws(CallFailure) in
        try await locks.list()
      },

      Primitive(
        "lock.take",
        "Locks a part of the fleet by hand: it stays until you release it, and no run waits for it.",
        effect: .administers,
        Parameter<LockPath>("scope", "fleet, host/NAME, environment/NAME, system/NAME, database/NAME …"),
        Parameter<String>("reason", "Why, for everybody who finds it"),
        returns: "One record a scope",
        examples: [Example(#"lock.take<scope="host/web002", reason="its clock is wrong">"#, "keep runs off one host")],
        topics: ["freeze", "stop", "maintenance"]
      ) { path, reason async throws(CallFailure) in
        try await locks.take(path.scope, reason: reason)
      },

      Primitive(
        "lock.release",
        "Releases a lock that you took by hand.",
        effect: .administers,
        Parameter<LockPath>("scope", "As it was taken"),
        returns: "What is no longer locked",
        examples: [
          Example(
            #"lock.take<scope="host/web001", reason="a look"> lock.release<scope="host/web001">"#,
            "for a while only"
          )
        ],
        topics: ["unlock"]
      ) { path async throws(CallFailure) in
        try await locks.release(path.scope)
      },

      Primitive(
        "lock.break",
        "Takes a lock away from whoever holds it; a run that held it stops before its next change.",
        effect: .administers,
        Parameter<LockPath>("scope", "As `locks()` shows it"),
        Parameter<String>("reason", "Why; the audit keeps it"),
        Parameter<String>("spoke_to", default: "", "Who agreed: needed for a lock another person took by hand"),
        returns: "What is no longer locked",
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
        "Mends epochs that a wrong clock put far ahead, in the journal and where they were obeyed.",
        effect: .administers,
        Parameter<String>("on", "The hosts, as a set, or another scope such as database/NAME"),
        Parameter<String>("reason", "Why; the audit keeps it"),
        returns: "One record a host or database",
        examples: [
          Example(#"lock.reset_epoch<on="web001", reason="its clock was wrong">"#, "after its clock is right again")
        ],
        topics: ["epoch", "clock", "stale", "fence"]
      ) { on, reason async throws(CallFailure) in
        try await locks.resetEpochs(on: on, reason: reason)
      },
    ]
  }
}
