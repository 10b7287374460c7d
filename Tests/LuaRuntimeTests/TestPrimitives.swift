import LuaRuntime
import PrimitiveKit
import Synchronization

/// The primitives that the tests of the Lua runtime call, and what happened to them.
final class TestPrimitives: Sendable {
  private let printed = Mutex<[PrintedText]>([])
  private let calls = Mutex<[String]>([])
  let waiting = Signal()

  func engine(_ configuration: LuaConfiguration = LuaConfiguration(), started: Signal? = nil) throws(CallFailure)
    -> LuaEngine
  {
    var configuration = configuration
    configuration.print = { [self] text in
      printed.withLock { $0.append(text) }
      started?.fire()
    }
    return try LuaEngine(catalog: Catalog(all), configuration: configuration)
  }

  /// The awaiting primitives that were called, in order.
  var called: [String] { calls.withLock { $0 } }

  /// What the scripts printed.
  var output: [String] {
    printedTexts.map { printed in
      switch printed {
      case .text(let text): text
      case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
      }
    }
  }

  /// The same, with bytes that are no text.
  var printedTexts: [PrintedText] { printed.withLock { $0 } }

  private func note(_ text: String) { calls.withLock { $0.append(text) } }

  private var all: [Primitive] {
    let none: [Example] = []
    return [
      Primitive(
        immediate: "test.add",
        "Adds.",
        Parameter<Int>("a", "First"),
        Parameter<Int>("b", "Second"),
        returns: "The sum",
        examples: none
      ) { a, b throws(CallFailure) in a + b },
      Primitive(
        immediate: "test.echo",
        "Answers its argument.",
        Parameter<Value>("value", "Anything"),
        returns: "It",
        examples: none
      ) { value throws(CallFailure) in value },
      Primitive(
        immediate: "test.fail",
        "Fails.",
        returns: "Nothing",
        examples: none
      ) { () throws(CallFailure) -> Value in
        throw CallFailure(.failed, code: "test.failed", message: "it failed", hint: "do not call it")
      },
      Primitive(
        "test.wait",
        "Answers its argument a moment later.",
        effect: .reads,
        Parameter<Value>("value", default: .null, "Anything"),
        returns: "It",
        examples: none
      ) { [self] value async throws(CallFailure) in
        note("wait")
        await Task.yield()
        return value
      },
      Primitive(
        "test.break",
        "Fails a moment later.",
        effect: .reads,
        returns: "Nothing",
        examples: none
      ) { () async throws(CallFailure) -> Value in
        await Task.yield()
        throw CallFailure(.failed, code: "test.broken", message: "it broke")
      },
      Primitive(
        "test.change",
        "Changes something.",
        effect: .changes,
        returns: "Nothing",
        examples: none
      ) { [self] () async throws(CallFailure) -> Value in
        note("change")
        return .null
      },
      Primitive(
        "test.forever",
        "Waits until it is cancelled.",
        effect: .reads,
        returns: "Nothing",
        examples: none
      ) { [self] () async throws(CallFailure) -> Value in
        note("forever")
        waiting.fire()
        do {
          while true { try await Task.sleep(for: .seconds(600)) }
        } catch {
          throw CallFailure(
            .cancelled,
            .cancelled,
            code: "call.cancelled",
            message: "cancelled; 'sleep' still runs on web1"
          )
        }
      },
    ]
  }
}

/// Lets a test wait until something happened.
final class Signal: Sendable {
  private let state = Mutex<(isFired: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

  func fire() {
    let waiters = state.withLock { state in
      defer { state = (true, []) }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isFired = state.withLock { state in
        if !state.isFired { state.waiters.append(continuation) }
        return state.isFired
      }
      if isFired { continuation.resume() }
    }
  }
}
