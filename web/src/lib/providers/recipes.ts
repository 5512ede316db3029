import type { ProviderKind } from "../../../../contract/provider-kinds.ts";

/** How to get a key that can read the list of machines and nothing else: a cloud's own steps, in its own words. */
export interface Recipe {
  /** What such a key is, in one sentence. */
  says: string;
  steps: readonly Step[];
  /** What most often goes wrong. */
  trap?: string;
  docs: { label: string; href: string };
}

export interface Step {
  text: string;
  /** To be copied as it stands. */
  copy?: { label: string; text: string };
}

const AWS_POLICY = JSON.stringify(
  {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ec2:DescribeRegions"],
        Resource: "*",
      },
    ],
  },
  null,
  2,
);

const VULTR_USER = [
  `curl -fsS https://api.vultr.com/v2/users \\`,
  `  -H "Authorization: Bearer $VULTR_API_KEY" \\`,
  `  -H "Content-Type: application/json" -d '{`,
  `    "first_name": "Nephos", "last_name": "Monitor",`,
  `    "email": "nephos@example.com",`,
  `    "password": "'"$(openssl rand -base64 24)"'",`,
  `    "api_enabled": true, "service_user": true,`,
  `    "acls": ["subscriptions_view"]}'`,
].join("\n");

const GCP_ACCOUNT = [
  `PROJECT=$(gcloud config get-value project)`,
  `ACCOUNT=nephos@$PROJECT.iam.gserviceaccount.com`,
  `gcloud services enable compute.googleapis.com`,
  `gcloud iam service-accounts create nephos`,
  `gcloud projects add-iam-policy-binding "$PROJECT" \\`,
  `  --member="serviceAccount:$ACCOUNT" \\`,
  `  --role=roles/compute.viewer --condition=None`,
  `gcloud iam service-accounts keys create nephos-key.json \\`,
  `  --iam-account="$ACCOUNT"`,
].join("\n");

export const RECIPES: Record<ProviderKind, Recipe> = {
  vultr: {
    says: "A service user that may view servers, and cannot sign in to the console.",
    steps: [
      {
        text: "With a key of your own that may manage users, make the service user. The answer holds its API key, this once.",
        copy: { label: "Copy the command", text: VULTR_USER },
      },
      {
        text: "Or in the console: Account › Users, add a user with View Servers alone, enable its API access, and take its key. Your main key works as well, and may do far more.",
      },
      {
        text: "Let the key be used from anywhere: Account › API › Access Control for your own key, the user's API Access for a sub-user. Allow Any IPv4 and Any IPv6.",
      },
    ],
    trap: "Cloudflare's edge has no fixed address. A key that is limited to addresses is refused, however right it is.",
    docs: {
      label: "Vultr on access control",
      href: "https://docs.vultr.com/platform/iam/organizations/manage-user-api-access/how-to-manage-vultr-api-access-control-for-users",
    },
  },
  aws: {
    says: "An IAM user with this policy and nothing else. It reads instances, their state and the regions.",
    steps: [
      {
        text: "In IAM, make a policy from this JSON.",
        copy: { label: "Copy the policy", text: AWS_POLICY },
      },
      { text: "Make a user without console access, and attach the policy to it." },
      { text: "Under its Security credentials, create an access key for an application running outside AWS." },
    ],
    trap: "A condition on aws:SourceIp, in this policy or in one of the organization, refuses Cloudflare's edge: it has no fixed address.",
    docs: {
      label: "AWS on access keys",
      href: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    },
  },
  gcp: {
    says: "A service account with the role Compute Viewer in one project, and a JSON key of it.",
    steps: [
      {
        text: "In Cloud Shell, with the project chosen. It enables the Compute Engine API where it is not.",
        copy: { label: "Copy the lines", text: GCP_ACCOUNT },
      },
      { text: "Paste what nephos-key.json holds, then delete the file." },
    ],
    trap: "Where the organization forbids keys of service accounts (iam.disableServiceAccountKeyCreation), the last line is refused: an exception for this project is needed.",
    docs: {
      label: "Google on service account keys",
      href: "https://cloud.google.com/iam/docs/keys-create-delete",
    },
  },
  digitalocean: {
    says: "A token with the one scope it takes to read droplets.",
    steps: [
      { text: "In the control panel under API › Tokens, generate a new token with custom scopes." },
      {
        text: "Choose this scope. DigitalOcean adds what it needs of regions, sizes, images and actions, all of it read-only.",
        copy: { label: "Copy the scope", text: "droplet:read" },
      },
      { text: "Let it not expire, or put a note where you will find it: an expired token ends the discovery." },
    ],
    docs: {
      label: "DigitalOcean on tokens",
      href: "https://docs.digitalocean.com/reference/api/create-personal-access-token/",
    },
  },
  hetzner: {
    says: "A token of one project with the permission Read. Another project is another account here.",
    steps: [
      { text: "In the console, open the project, then Security › API tokens › Generate API token." },
      { text: "Choose the permission Read. The token is shown once." },
    ],
    docs: {
      label: "Hetzner on tokens",
      href: "https://docs.hetzner.com/cloud/api/getting-started/generating-api-token/",
    },
  },
};
