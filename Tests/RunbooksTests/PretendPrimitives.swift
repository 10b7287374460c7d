import PrimitiveKit

/// What the runbooks of these tests call.
enum PretendPrimitives {
  static func all(_ fleet: PretendFleet) -> [Primitive] {
    [mark("mark", .changes), mark("trade", .trades), shoot, look(fleet), fail, tolerate]
  }

  private static func mark(_ name: String, _ effect: Effect) -> Primitive {
    Primitive(
      name,
      "Writes a word on a host.",
      effect: effect,
      Parameter<String>("word", "The word"),
      Parameter<String>("host", default: "web1", "The host"),
      returns: "What came of it",
      examples: []
    ) { word, host async throws(CallFailure) -> Value in
      guard let run = CallContext.current.run else {
        throw CallFailure(.failed, code: "test.no_run", message: "there is no run")
      }
      let answer = try await run.perform(Mark(host: host, word: word))
      return answer.map(Value.string) ?? .unknown(Unknown(why: "it was not done", origin: name))
    }
  }

  private static var shoot: Primitive {
    Primitive(
      "shoot",
      "Does what nobody can predict.",
      effect: .changes,
      Parameter<String>("word", "The word"),
      returns: "What came of it",
      examples: []
    ) { word async throws(CallFailure) -> Value in
      let answer = try await CallContext.current.run?.perform(Shot(word: word))
      return answer.map(Value.string) ?? .unknown(Unknown(why: "it was not done", origin: "shoot"))
    }
  }

  private static func look(_ fleet: PretendFleet) -> Primitive {
    Primitive(
      "look",
      "Looks at something.",
      effect: .reads,
      Parameter<String>("name", "What"),
      returns: "What is there",
      examples: []
    ) { name async -> String in
      fleet.read(name)
    }
  }

  private static var tolerate: Primitive {
    Primitive(
      "tolerate",
      "Notes failures within a budget.",
      effect: .reads,
      returns: "nothing",
      examples: []
    ) { () async -> Value in
      CallContext.current.noted?.note(.failuresWithinBudget)
      return .null
    }
  }

  private static var fail: Primitive {
    Primitive(
      "fail",
      "Fails.",
      effect: .reads,
      Parameter<String>("code", "The code"),
      Parameter<String>("message", default: "it failed", "The message"),
      Parameter<String>("class", default: "invalid", "The class"),
      Parameter<String?>("mark", default: nil, "The mark"),
      Parameter<Int?>("exit", default: nil, "The exit code it ends with"),
      returns: "nothing",
      examples: []
    ) { code, message, failureClass, mark, exit async throws(CallFailure) -> Value in
      throw CallFailure(
        FailureClass(rawValue: failureClass) ?? .defect,
        mark.flatMap(FailureMark.init(rawValue:)),
        code: code,
        message: message,
        ending: exit.flatMap { ExitCode(rawValue: Int32($0)) }
      )
    }
  }
}
