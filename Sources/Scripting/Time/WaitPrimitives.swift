import Foundations
import PrimitiveKit

/// What `wait_until` of the prelude is made of: it calls the probe, and these decide.
struct WaitPrimitives: Sendable {
  private let clock: RunClock

  init(_ clock: RunClock) { self.clock = clock }

  var all: [Primitive] { [WaitPrimitives.described, begin, look] }

  private static var described: Primitive {
    func parameter(_ name: String, _ type: String, _ help: String, default value: String? = nil, required: Bool = false)
      -> ParameterInfo
    {
      ParameterInfo(name: name, type: type, help: help, isRequired: required, defaultValue: value, completion: .none)
    }
    return Primitive(
      prelude: "wait_until",
      "Polls until a probe returns true, at most until a deadline; in a runbook it is a step.",
      [
        parameter(
          "probe",
          "fun(): any",
          "A function that only reads; anything but nil and false is a yes",
          required: true
        ),
        parameter("deadline", "duration", "How long to wait at most", required: true),
        parameter("what", "string", "What is waited for, in words", default: "\"a condition\""),
        parameter("every", "duration", "How often to call the probe", default: "1.0"),
        parameter("settle", "duration", "How long the probe must go on returning true", default: "0.0"),
      ],
      returns: ReturnInfo(type: "any", help: "What the probe returned; true in a dry run, which does not wait"),
      examples: [
        Example(
          #"wait_until{ what = "it is later", deadline = "5s", every = "10ms", probe = function() return time.now() > 0 end }"#,
          "returns at once"
        )
      ],
      topics: ["wait", "poll", "deadline", "until", "retry"]
    )
  }

  private var begin: Primitive {
    Primitive(
      "opsh_wait_begin",
      "Begins a wait.",
      effect: .reads,
      Parameter<Duration>("deadline", "How long to wait at most"),
      Parameter<String>("what", default: "a condition", "What is waited for"),
      Parameter<Duration>("every", default: .seconds(1), "How often to call the probe"),
      Parameter<Duration>("settle", default: .zero, "How long the probe must go on returning true"),
      returns: "the state of the wait",
      examples: []
    ) { deadline, what, every, settle async throws(CallFailure) -> Value in
      if self.clock.isDry {
        await CallContext.current.run?.describe("wait for \(what), at most \(deadline.limit)")
        return .table(["over": .bool(true)])
      }
      return .table([
        "deadline": deadline.value, "what": what.value, "every": max(every, .milliseconds(10)).value,
        "settle": settle.value, "since": .number(self.clock.seconds),
      ])
    }
  }

  private var look: Primitive {
    Primitive(
      "opsh_wait_look",
      "Judges what the probe returned, and waits for the next call.",
      effect: .reads,
      Parameter<Duration>("deadline", "How long to wait at most"),
      Parameter<String>("what", "What is waited for"),
      Parameter<Duration>("every", "How often to call the probe"),
      Parameter<Duration>("settle", "How long the probe must go on returning true"),
      Parameter<Double>("since", "When it began"),
      Parameter<Bool>("good", "Whether the probe returned true"),
      Parameter<ByteText>("said", "What it returned"),
      Parameter<Double?>("good_since", default: nil, "Since when it has"),
      returns: "whether it is over, and since when the probe has returned true",
      examples: []
    ) { deadline, what, every, settle, since, good, said, before async throws(CallFailure) -> Value in
      let now = self.clock.seconds
      let goodSince = good ? before ?? now : nil
      if let goodSince, now - goodSince >= settle.seconds {
        self.clock.dialogue.progress(nil)
        return .table(["done": .bool(true)])
      }
      guard now - since < deadline.seconds else {
        self.clock.dialogue.progress(nil)
        let last = String(decoding: said.bytes.prefix(200), as: UTF8.self)
        throw CallFailure(
          .failed,
          code: "wait.deadline",
          message: "\(what): not reached within \(deadline.limit); the last check returned \(last)",
          ending: .budgetBreached
        )
      }
      let held = goodSince.map { ", holding for \(Duration.seconds(now - $0).words) of \(settle.limit)" } ?? ""
      let state = "waiting for \(what): \(Duration.seconds(now - since).words) of at most \(deadline.limit)\(held)"
      self.clock.dialogue.progress(ProgressStatus(line: state, plain: state))
      try await self.clock.pause(min(every, .seconds(max(0.01, deadline.seconds - (now - since)))))
      return .table(["done": .bool(false), "good_since": goodSince.value])
    }
  }
}
