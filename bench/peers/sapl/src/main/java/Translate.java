// SPDX-License-Identifier: Apache-2.0

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rules as documents of SAPL: targets are what its index looks at. */
final class Translate {
	final String name;
	final boolean deny;
	final List<String> target = new ArrayList<>();
	final List<String> where = new ArrayList<>();

	Translate(JsonNode rule) {
		name = rule.path("name").asText();
		boolean denies = false;
		for (JsonNode a : rule.path("approval"))
			denies |= a.path("type").asText().equals("deny");
		deny = denies;
		who(rule.path("requestor"));
		JsonNode resource = rule.path("resource");
		if (!resource.path("type").asText().equals("any")) {
			target.add("resource.service == "
				+ quote(resource.path("service").asText()));
			String access = resource.path("accessType").asText("any");
			if (!access.equals("any") && !access.equals("null"))
				target.add("action == " + quote(access));
		}
		for (Map.Entry<String, JsonNode> f : resource.path("filters").properties())
			filter(f.getKey(), f.getValue());
	}

	static String quote(String text) {
		return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
	}

	static String group(JsonNode of) {
		String directory = of.path("directory").asText();
		if (directory.equals("azure-ad"))
			directory = "entra-id";
		return directory + "/" + of.path("id").asText();
	}

	/** Membership in one of the groups, or in none of them. */
	private static String set(JsonNode of, String at) {
		List<String> all = new ArrayList<>();
		if (of.path("groups").isArray())
			for (JsonNode g : of.path("groups"))
				all.add("(" + quote(group(g)) + " in " + at + ")");
		else
			all.add("(" + quote(group(of)) + " in " + at + ")");
		String made = "(" + String.join(" | ", all) + ")";
		return of.path("effect").asText().equals("remove") ? "!" + made : made;
	}

	private static boolean removes(JsonNode of) {
		return of.path("effect").asText().equals("remove");
	}

	private void who(JsonNode of) {
		switch (of.path("type").asText()) {
		case "user" -> target.add("subject.person == "
			+ quote(of.path("uid").asText().toLowerCase()));
		case "group" -> {
			if (removes(of))
				target.add("subject.kind == \"person\"");
			target.add(set(of, "subject.groups"));
		}
		case "agentic" -> {
			target.add("subject.kind == \"agent\"");
			agent(of.path("agent"));
			human(of.path("user"));
		}
		default -> { }
		}
	}

	private void agent(JsonNode of) {
		switch (of.path("type").asText()) {
		case "agent-client", "mcp-client" -> target.add("subject.client == "
			+ quote(of.path("clientId").asText()));
		case "agent-owner" -> target.add("subject.owner == "
			+ quote(of.path("owner").asText().toLowerCase()));
		case "owner-group" -> {
			if (removes(of.path("groups")))
				target.add("subject.owner != \"\"");
			target.add(set(of.path("groups"), "subject.ownerGroups"));
		}
		case "provider" -> {
			target.add("subject.provider == "
				+ quote(of.path("providerId").asText()));
			if (of.hasNonNull("subjectPattern"))
				where.add(some("agent.subject",
					of.path("subjectPattern").asText()));
		}
		default -> { }
		}
	}

	private void human(JsonNode of) {
		switch (of.path("type").asText()) {
		case "none" -> target.add("subject.human == \"\"");
		case "user" -> target.add("subject.human == "
			+ quote(of.path("uid").asText().toLowerCase()));
		case "group" -> {
			if (removes(of))
				target.add("subject.human != \"\"");
			target.add(set(of, "subject.humanGroups"));
		}
		default -> { }
		}
	}

	/** That one of the values at a place contains a match. */
	private static String some(String place, String pattern) {
		String wanted = pattern; // =~ wants the whole value to match
		wanted = wanted.startsWith("^") ? wanted.substring(1) : "[\\s\\S]*" + wanted;
		if (wanted.endsWith("$") && !wanted.endsWith("\\$"))
			wanted = wanted.substring(0, wanted.length() - 1);
		else
			wanted += "[\\s\\S]*";
		String at = "resource.values[" + quote(place) + "]";
		return "(" + quote(place) + " in resource.present) && (" + at
			+ "[?(@ =~ " + quote(wanted) + ")] != [])";
	}

	private void filter(String name, JsonNode of) {
		String key = of.path("key").asText("");
		String place = key.isEmpty() || key.equals("null") ? name : name + "." + key;
		String effect = of.path("effect").asText();
		String test;
		boolean keep = effect.equals("keep");
		if (effect.equals("removeAll"))
			test = "(" + quote(place) + " in resource.present)";
		else if (of.path("value").isBoolean()) {
			test = "(" + quote(name) + " in resource.yes)";
			keep = keep == of.path("value").asBoolean();
		} else
			test = some(place, of.path("pattern").asText());
		where.add(keep ? test : "!(" + test + ")");
	}

	String text() {
		StringBuilder made = new StringBuilder("policy " + quote(name) + "\n"
			+ (deny ? "deny" : "permit"));
		if (!target.isEmpty())
			made.append("\n\t").append(String.join(" & ", target));
		if (!where.isEmpty()) {
			made.append("\nwhere\n");
			for (String one : where)
				made.append("\t").append(one).append(";\n");
		}
		return made + "\nadvice\n\t" + quote(name) + "\n";
	}
}
