// SPDX-License-Identifier: Apache-2.0

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sapl.api.pdp.AuthorizationDecision;
import io.sapl.api.pdp.AuthorizationSubscription;
import io.sapl.api.pdp.Decision;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** SAPL, asked which policies a request is permitted or denied by. */
public final class Main {
	private static final String HELP = """
		usage: sapl-peer [--requests N] [--seconds S] [--json] [--again] DIR

		Asks SAPL the requests of the workload in DIR (rules.json, requests.jsonl,
		expected.jsonl): first compares N answers (default: all) with the expected
		ones, then times decisions for S seconds (default: 2; 0: none). With --again
		it tells what it compared, and times once for each line on its standard input.

		    java -jar sapl-peer.jar tests/policy/workload
		""";
	private static final ObjectMapper JSON = new ObjectMapper();
	private final ObjectNode made = JSON.createObjectNode();
	private final Set<String> denying = new HashSet<>();
	private final List<AuthorizationSubscription> asked = new ArrayList<>();
	private Engine engine;
	private int limit = Integer.MAX_VALUE;
	private double seconds = 2;
	private boolean json, again;
	private volatile boolean done;
	private Path dir;

	private boolean options(String[] words) {
		for (int i = 0; i < words.length; i++) {
			switch (words[i]) {
			case "--requests" -> limit = Integer.parseInt(words[++i]);
			case "--seconds" -> seconds = Double.parseDouble(words[++i]);
			case "--json" -> json = true;
			case "--again" -> again = true;
			default -> {
				if (words[i].startsWith("-") || dir != null)
					return false;
				dir = Path.of(words[i]);
			}
			}
		}
		return dir != null;
	}

	private List<JsonNode> lines(String name) throws IOException {
		List<JsonNode> all = new ArrayList<>();
		for (String line : Files.readAllLines(dir.resolve(name)))
			if (!line.isEmpty())
				all.add(JSON.readTree(line));
		return all;
	}

	private void load() throws IOException {
		JsonNode read = JSON.readTree(dir.resolve("rules.json").toFile());
		List<String> documents = new ArrayList<>();
		for (JsonNode rule : read.isArray() ? read : read.path("rules")) {
			if (rule.path("disabled").asBoolean())
				continue;
			Translate one = new Translate(rule);
			documents.add(one.text());
			if (one.deny)
				denying.add(one.name);
		}
		long start = System.nanoTime();
		engine = new Engine(documents);
		engine.decide(AuthorizationSubscription.of("", "", "")); // builds the index
		made.put("peer", "sapl").put("version", "3.0.0");
		made.put("rules", documents.size());
		made.put("load_ms", (System.nanoTime() - start) / 1e6);
		System.gc();
		String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[1];
		made.put("rss_kib", Long.parseLong(pages) * 4);
	}

	private static ArrayNode groups(JsonNode of) {
		ArrayNode all = JSON.createArrayNode();
		for (JsonNode g : of)
			all.add(Translate.group(g));
		return all;
	}

	private static String lower(JsonNode of) {
		return of.isTextual() ? of.asText().toLowerCase() : "";
	}

	/** A request as SAPL's own: subject, action, resource. */
	private static AuthorizationSubscription subscription(JsonNode q) {
		ObjectNode subject = JSON.createObjectNode();
		JsonNode human = q.path("requestor"), agent = q.path("agent");
		boolean session = agent.isObject();
		ArrayNode none = JSON.createArrayNode(), member = groups(human.path("groups"));
		subject.put("kind", session ? "agent" : "person");
		subject.put("person", session ? "" : lower(human.path("uid")));
		subject.put("human", session ? lower(human.path("uid")) : "");
		subject.set("groups", session ? none : member);
		subject.set("humanGroups", session ? member : none);
		subject.put("owner", lower(agent.path("owner")));
		subject.set("ownerGroups", groups(agent.path("ownerGroups")));
		subject.put("client", agent.path("clientId").asText(""));
		subject.put("provider", agent.path("providerId").asText(""));
		ObjectNode resource = JSON.createObjectNode(), values = JSON.createObjectNode();
		Set<String> present = new TreeSet<>(), yes = new TreeSet<>();
		for (Map.Entry<String, JsonNode> f
			: q.path("resource").path("attributes").properties()) {
			if (f.getValue().isBoolean()) {
				present.add(f.getKey());
				if (f.getValue().asBoolean())
					yes.add(f.getKey());
			}
			for (Map.Entry<String, JsonNode> k : f.getValue().properties())
				put(values, present, f.getKey(), k.getKey(), k.getValue());
		}
		if (agent.hasNonNull("subject"))
			put(values, present, "agent", "subject", agent.path("subject"));
		resource.set("service", q.path("resource").path("service"));
		resource.set("values", values);
		resource.set("present", JSON.valueToTree(present));
		resource.set("yes", JSON.valueToTree(yes));
		return AuthorizationSubscription.of(subject,
			q.path("resource").path("accessType").asText(""), resource);
	}

	private static void put(ObjectNode values, Set<String> present, String name,
		String key, JsonNode value) {
		ArrayNode all = JSON.createArrayNode();
		if (value.isArray())
			all.addAll((ArrayNode) value);
		else
			all.add(value);
		if (all.isEmpty())
			return;
		values.set(name + "." + key, all);
		present.add(name);
		present.add(name + "." + key);
	}

	private static Set<String> names(Iterable<JsonNode> list) {
		Set<String> all = new TreeSet<>();
		for (JsonNode one : list)
			all.add(one.asText());
		return all;
	}

	/** What differs from the expected answer, "" if nothing does. */
	private String compare(AuthorizationDecision got, JsonNode expected) {
		Set<String> want = names(expected.path("rules"));
		Set<String> deny = new TreeSet<>(want);
		deny.retainAll(denying);
		Decision is = want.isEmpty() ? Decision.NOT_APPLICABLE
			: deny.isEmpty() ? Decision.PERMIT : Decision.DENY;
		if (!deny.isEmpty())
			want = deny;
		Set<String> said = got.getAdvice().map(Main::names).orElse(Set.of());
		if (got.getDecision() == is && said.equals(want))
			return "";
		return got.getDecision() + " " + said + ", not " + is + " " + want;
	}

	private void check() throws IOException {
		for (JsonNode q : lines("requests.jsonl"))
			asked.add(subscription(q));
		List<JsonNode> expected = lines("expected.jsonl");
		int agree = 0, differ = 0;
		for (int i = 0; i < Math.min(limit, asked.size()); i++) {
			String what = compare(engine.decide(asked.get(i)), expected.get(i));
			if (what.isEmpty())
				agree++;
			else if (++differ <= 5)
				System.err.println("sapl: request " + (i + 1) + ": " + what);
		}
		made.put("requests", asked.size()).put("agree", agree);
		made.put("differ", differ).put("skipped", 0);
	}

	/**
	 * Decides for a while, visiting the requests in a scattered order. Returns
	 * how long each took: of this thread's time, and by the clock.
	 */
	private long[][] repeat(double length) {
		ThreadMXBean thread = ManagementFactory.getThreadMXBean();
		long[] ran = new long[1 << 16], took = new long[1 << 16];
		int n = 0, step = Math.max(1_000_003 % asked.size(), 1);
		long end = System.nanoTime() + (long) (length * 1e9);
		for (int i = 0; System.nanoTime() < end; i = (i + step) % asked.size()) {
			if (n == ran.length) {
				ran = Arrays.copyOf(ran, 2 * n);
				took = Arrays.copyOf(took, 2 * n);
			}
			long began = thread.getCurrentThreadCpuTime(), from = System.nanoTime();
			engine.decide(asked.get(i));
			took[n] = System.nanoTime() - from;
			ran[n++] = thread.getCurrentThreadCpuTime() - began;
		}
		return new long[][] {Arrays.copyOf(ran, n), Arrays.copyOf(took, n)};
	}

	private void measure(double length) {
		repeat(length); // warms up
		long[][] all = repeat(length);
		long[] ran = all[0], took = all[1];
		Arrays.sort(ran);
		Arrays.sort(took);
		int n = ran.length;
		made.put("decisions", n).put("p50_ns", n == 0 ? 0 : ran[n / 2]);
		made.put("p99_ns", n == 0 ? 0 : ran[(int) (n * 99L / 100)]);
		made.put("p50_clock_ns", n == 0 ? 0 : took[n / 2]);
		made.put("decisions_per_s",
			n == 0 ? 0 : n / (Arrays.stream(ran).sum() / 1e9));
		System.out.println(json ? made.toString() : made.toPrettyString());
	}

	private void run() throws IOException {
		load();
		check();
		measure(again ? 0 : seconds);
		var in = new BufferedReader(new InputStreamReader(System.in));
		while (again && in.readLine() != null)
			measure(seconds);
	}

	public static void main(String[] words) throws InterruptedException {
		Main peer = new Main();
		if (!peer.options(words)) {
			System.out.print(HELP);
			System.exit(Arrays.asList(words).contains("--help") ? 0 : 2);
		}
		// The engine's streams nest as deep as there are policies.
		Thread thread = new Thread(null, () -> {
			try {
				peer.run();
			} catch (IOException e) {
				throw new UncheckedIOException(e);
			}
			peer.done = true;
		}, "peer", 1L << 30);
		thread.start();
		thread.join();
		// Threads of the library do not end by themselves.
		System.exit(peer.done ? 0 : 1);
	}
}
