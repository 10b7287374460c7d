import LuaRuntime
import PrimitiveKit
import Synchronization
import Testing

/// A module keeps the functions that a script passes, and Swift calls them while the script waits.
struct CallbackTests {
  // What a module of opsh itself does: functions cannot cross into Swift, their numbers can.
  private static let module = """
    local internal = ...
    local functions = {}
    local job = {}

    local function keep(body)
      functions[#functions + 1] = body
      return #functions
    end

    function job.each(first, second, third)
      return internal.opsh_test_each({ keep(first), keep(second), keep(third) })
    end

    return {
      open = function(source, chunk)
        local body, problem = load(source, chunk, "t")
        if not body then error(problem, 0) end
        local run = body()
        return keep(function() return run(job) end)
      end,
      invoke = function(number, argument) return functions[number](argument) end,
    }
    """

  private static func engine(_ box: Box) throws -> LuaEngine {
    let none: [Example] = []
    let each = Primitive(
      "opsh_test_each",
      "Calls three functions at once.",
      effect: .reads,
      Parameter<[Int]>("functions", "Their numbers"),
      returns: "What they answered",
      examples: none
    ) { (numbers: [Int]) async throws(CallFailure) -> [Value] in
      let outcome: Result<[Value], CallFailure> = await withTaskGroup(of: (Int, Result<Value, CallFailure>).self) {
        for number in numbers {
          $0.addTask {
            var context = CallContext.current
            context.step = "each/\(number)"
            return await CallContext.$current.withValue(context) {
              do throws(CallFailure) {
                // Apart: Swift 6.3 with -O loses `number` in `(number, .success(try await …))`.
                let answer = try await box.invoke(number, .int(number * 10))
                return (number, .success(answer))
              } catch {
                return (number, .failure(error))
              }
            }
          }
        }
        var answers: [Int: Result<Value, CallFailure>] = [:]
        for await (number, answer) in $0 { answers[number] = answer }
        do throws(CallFailure) {
          var values: [Value] = []
          for number in numbers { values.append(try answers[number]?.get() ?? .null) }
          return .success(values)
        } catch {
          return .failure(error)
        }
      }
      return try outcome.get()
    }
    // Nobody goes on until three are here: the calls really overlap.
    let meet = Primitive(
      "test.meet",
      "Waits for the others.",
      effect: .reads,
      returns: "The step it was called in",
      examples: none
    ) { () async throws(CallFailure) -> String in
      await box.arrive()
      return CallContext.current.step
    }
    let change = Primitive(
      "test.change",
      "Changes something.",
      effect: .changes,
      returns: "Nothing",
      examples: none
    ) { () async throws(CallFailure) -> String in "changed in \(CallContext.current.step)" }
    return try LuaEngine(catalog: Catalog([each, meet, change]))
  }

  private static func open(_ source: String) async throws -> (Box, Int) {
    let box = Box()
    let engine = try engine(box)
    let field = try await engine.load(module: module, name: "@opsh/job.lua", isTrusted: true)
    box.set(engine, try #require(field["invoke"]?.function))
    let open = try #require(field["open"]?.function)
    let results = try await CallContext.$current.withValue(CallContext(allowed: [], name: "loading a file")) {
      () async throws(CallFailure) in try await engine.call(open, [.string(source), .string("@roll.lua")])
    }
    guard case .int(let number)? = results.first else { throw CallFailure(.failed, code: "test", message: "no number") }
    return (box, number)
  }

  @Test func `functions that a script passes run at once, each in its own step`() async throws {
    let source = """
      return function(job)
        local base = 1
        return job.each(
          function(x) return { test.meet(), x + base } end,
          function(x) return { test.meet(), x + base, test.change(), test.meet() } end,
          function(x) local ok, step = pcall(test.meet) return { ok, step, x + base } end)
      end
      """
    let (box, number) = try await CallbackTests.open(source)
    let answer = try await box.invoke(number)
    #expect(
      answer
        == .array([
          .array([.string("each/2"), .int(21)]),
          .array([.string("each/3"), .int(31), .string("changed in each/3"), .string("each/3")]),
          .array([.bool(true), .string("each/4"), .int(41)]),
        ])
    )
  }

  @Test func `an error in such a function names the lines of the script`() async throws {
    let source = """
      local function fails(x)
        return x + {}
      end
      return function(job)
        return job.each(
          function() test.meet() end,
          function(x)
            test.meet()
            local y = fails(x)
            return y
          end,
          function() test.meet() end)
      end
      """
    let (box, number) = try await CallbackTests.open(source)
    let error = await #expect(throws: CallFailure.self) { try await box.invoke(number) }
    #expect(error?.message == "roll.lua:2: attempt to perform arithmetic on a table value")
    #expect(error?.trace == ["roll.lua:2 in fails", "roll.lua:9"])
  }

  @Test func `the script around catches such an error and goes on`() async throws {
    let source = """
      return function(job)
        local function meet() test.meet() end
        local ok, problem = pcall(job.each, meet, meet, function() test.meet() error({ code = "mine.own" }) end)
        return { ok, problem.code, test.meet() }
      end
      """
    let (box, number) = try await CallbackTests.open(source)
    #expect(try await box.invoke(number) == .array([.bool(false), .string("mine.own"), .string("")]))
  }

  @Test(arguments: ["test.change()", "test.meet()", "local f = test.meet f()", "pcall(test.change) test.meet()"])
  func `a file that is loaded calls no primitive`(source: String) async throws {
    let error = await #expect(throws: CallFailure.self) { try await CallbackTests.open("\n\(source)") }
    #expect(error?.code == "call.effect")
    #expect(error?.trace.first == "roll.lua:2")
  }

  @Test(arguments: [("\n\nreturn = 1", "roll.lua:3: unexpected symbol near '='"), ("\nerror('no')", "roll.lua:2: no")])
  func `a file that cannot be loaded names its line`(source: String, message: String) async throws {
    let error = await #expect(throws: CallFailure.self) { try await CallbackTests.open(source) }
    #expect(error?.message == message)
  }
}

/// Holds the engine for primitives that were made before it.
final class Box: Sendable {
  private let invoked = Mutex<(LuaEngine, LuaFunctionReference)?>(nil)
  private let arrived = Mutex<(Int, [CheckedContinuation<Void, Never>])>((0, []))

  func set(_ engine: LuaEngine, _ function: LuaFunctionReference) { invoked.withLock { $0 = (engine, function) } }

  func invoke(_ number: Int, _ argument: Value = .null) async throws(CallFailure) -> Value {
    guard let (engine, function) = invoked.withLock({ $0 }) else { return .null }
    return try await engine.call(function, [.int(number), argument]).first ?? .null
  }

  /// Returns when three have come; those after them pass.
  func arrive() async {
    await withCheckedContinuation { continuation in
      let waiting = arrived.withLock { state -> [CheckedContinuation<Void, Never>] in
        state.0 += 1
        state.1.append(continuation)
        guard state.0 >= 3 else { return [] }
        defer { state.1 = [] }
        return state.1
      }
      for each in waiting { each.resume() }
    }
  }
}
